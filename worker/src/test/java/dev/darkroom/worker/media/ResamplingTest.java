package dev.darkroom.worker.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplingTest {
    private static final Path FIXTURES = Path.of(System.getProperty("fixtures"), "resize");

    @ParameterizedTest
    @CsvSource({
        "128x96, 24x16",
        "31x17, 64x48",
        "50x40, 32x32",
        "5x5, 40x8",
        "64x64, 64x40",
        "50x40-grey, 23x57",
        "50x40-grey, 1x1",
        "5x5, 5x300",
        "128x96, 3x2",
        "128x96, 120x16",
        "31x17, 64x8"
    })
    void lanczosGivesEveryLevelOfTheReference(String before, String size) throws IOException {
        assertThatItGivesTheReference(Resampling.LANCZOS, before, size);
    }

    @ParameterizedTest
    @CsvSource({"128x96, 24x16", "31x17, 64x48", "64x64, 64x40", "50x40-grey, 23x57", "5x5, 1x1"})
    void bicubicGivesEveryLevelOfTheReference(String before, String size) throws IOException {
        assertThatItGivesTheReference(Resampling.BICUBIC, before, size);
    }

    private static void assertThatItGivesTheReference(Resampling filter, String before, String size)
            throws IOException {
        String name = filter.name().toLowerCase(Locale.ROOT);
        Picture reference = read(before + "-to-" + size + "-" + name);
        Picture resized = filter.resize(read(before), reference.width(), reference.height());
        assertThat(resized).hasToString(reference.toString());
        assertThat(resized.levels()).isEqualTo(reference.levels());
    }

    @Test
    void leavesAPictureOfThatSizeAsItIs() throws IOException {
        Picture picture = read("5x5");
        assertThat(Resampling.LANCZOS.resize(picture, 5, 5)).isSameAs(picture);
    }

    @Test
    void refusesASizeWithoutPixels() throws IOException {
        Picture picture = read("5x5");
        assertThatThrownBy(() -> Resampling.LANCZOS.resize(picture, 5, 0))
                .hasMessage("size is 5 × 0; legal: at least 1 × 1");
    }

    private static Picture read(String name) throws IOException {
        BufferedImage image = ImageIO.read(FIXTURES.resolve(name + ".png").toFile());
        int channels = image.getRaster().getNumBands();
        int[] samples =
                image.getRaster()
                        .getPixels(0, 0, image.getWidth(), image.getHeight(), (int[]) null);
        byte[] levels = new byte[samples.length];
        for (int i = 0; i < samples.length; i++) {
            levels[i] = (byte) samples[i];
        }
        return new Picture(image.getWidth(), image.getHeight(), channels, levels);
    }
}
