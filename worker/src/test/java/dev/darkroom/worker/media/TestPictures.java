package dev.darkroom.worker.media;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/// Pictures of files, for tests.
public final class TestPictures {
    private TestPictures() {}

    /// The picture in this file, in colour.
    public static Picture read(Path file) throws IOException {
        BufferedImage image = ImageIO.read(file.toFile());
        byte[] levels = new byte[image.getWidth() * image.getHeight() * 3];
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int rgb = image.getRGB(x, y);
                int at = (y * image.getWidth() + x) * 3;
                levels[at] = (byte) (rgb >> 16);
                levels[at + 1] = (byte) (rgb >> 8);
                levels[at + 2] = (byte) rgb;
            }
        }
        return new Picture(image.getWidth(), image.getHeight(), 3, levels);
    }
}
