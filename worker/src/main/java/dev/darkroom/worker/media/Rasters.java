package dev.darkroom.worker.media;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;

/// Pictures on their way to and from the platform's image library.
final class Rasters {
    private Rasters() {}

    /// A picture for an encoder.
    static BufferedImage image(Picture picture) {
        int width = picture.width();
        int height = picture.height();
        byte[] levels = picture.levels();
        if (picture.channels() == 1) {
            BufferedImage grey = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
            grey.getRaster().setDataElements(0, 0, width, height, levels);
            return grey;
        }
        BufferedImage colour = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        int[] row = new int[width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int at = (y * width + x) * 3;
                row[x] =
                        (levels[at] & 0xFF) << 16
                                | (levels[at + 1] & 0xFF) << 8
                                | (levels[at + 2] & 0xFF);
            }
            colour.getRaster().setDataElements(0, y, width, 1, row);
        }
        return colour;
    }

    /// The RGB picture that a decoder's samples stand for.
    static Picture picture(Raster raster, Pixels pixels) {
        int width = raster.getWidth();
        int height = raster.getHeight();
        int bands = raster.getNumBands();
        byte[] levels = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        int[] row = new int[width * bands];
        for (int y = 0; y < height; y++) {
            raster.getPixels(0, y, width, 1, row);
            for (int x = 0; x < width; x++) {
                pixels.write(row, x * bands, levels, (y * width + x) * 3);
            }
        }
        return new Picture(width, height, 3, levels);
    }

    /// Samples that are red, green and blue already, or one grey.
    static Pixels levels(Raster raster) {
        return raster.getNumBands() < 3
                ? (samples, from, rgb, to) -> {
                    byte level = (byte) samples[from];
                    rgb[to] = level;
                    rgb[to + 1] = level;
                    rgb[to + 2] = level;
                }
                : (samples, from, rgb, to) -> {
                    rgb[to] = (byte) samples[from];
                    rgb[to + 1] = (byte) samples[from + 1];
                    rgb[to + 2] = (byte) samples[from + 2];
                };
    }

    /// How one pixel's samples become red, green and blue.
    @FunctionalInterface
    interface Pixels {
        /// Reads the samples at `from` and writes three levels at `to`.
        void write(int[] samples, int from, byte[] rgb, int to);
    }
}
