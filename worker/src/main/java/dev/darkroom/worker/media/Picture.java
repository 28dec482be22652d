package dev.darkroom.worker.media;

import dev.darkroom.worker.tensor.FloatTensor;

/// A picture as a file has it: 8 bits per channel, RGB or grey, rows from the top, pixels from the
/// left.
///
/// Owns its levels: nobody changes them. Safe for any thread.
public final class Picture {
    /// Red, green and blue.
    static final int COLOURS = 3;

    /// Weights of red, green and blue in grey, of 65536: ITU-R 601-2 luma as Pillow's
    /// `Image.convert("L")` rounds it (`Convert.c`, macro `L24`).
    private static final int RED = 19595;

    private static final int GREEN = 38470;
    private static final int BLUE = 7471;
    private static final int HALF = 1 << 15;

    private final int width;
    private final int height;
    private final int channels;
    private final byte[] levels;

    /// A picture of these levels, which are not copied.
    ///
    /// @param channels 3 (RGB) or 1 (grey)
    /// @param levels `[height, width, channels]`, unsigned
    Picture(int width, int height, int channels, byte[] levels) {
        if (width < 1 || height < 1 || (channels != 1 && channels != 3)) {
            throw new IllegalArgumentException(
                    "a picture of "
                            + width
                            + " × "
                            + height
                            + " pixels and "
                            + channels
                            + " channels; legal: at least one pixel, and 1 or 3 channels");
        }
        if (levels.length != Math.multiplyExact(Math.multiplyExact(width, height), channels)) {
            throw new IllegalArgumentException(
                    width + " × " + height + " × " + channels + " is not " + levels.length);
        }
        this.width = width;
        this.height = height;
        this.channels = channels;
        this.levels = levels;
    }

    /// What a pipeline made, rounded to 8 bits as the reference rounds.
    ///
    /// @param made `[H, W, C]`, 0 to 1, `C` 3 or 1
    static Picture of(FloatTensor made) {
        byte[] levels = new byte[made.shape().elements()];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (byte) Png.level(made.get(i));
        }
        return new Picture(
                made.shape().size(1), made.shape().size(0), made.shape().size(2), levels);
    }

    /// Pixels.
    public int width() {
        return width;
    }

    /// Pixels.
    public int height() {
        return height;
    }

    /// 3 for RGB, 1 for grey.
    public int channels() {
        return channels;
    }

    /// Pixels in all.
    public int pixels() {
        return width * height;
    }

    /// One channel of one pixel, 0 to 255.
    public int level(int x, int y, int channel) {
        return levels[(y * width + x) * channels + channel] & 0xFF;
    }

    /// All levels, `[height, width, channels]`; not a copy.
    byte[] levels() {
        return levels;
    }

    /// The same picture in grey, as Pillow's `Image.convert("L")` gives it.
    public Picture grey() {
        if (channels == 1) {
            return this;
        }
        byte[] grey = new byte[width * height];
        for (int i = 0; i < grey.length; i++) {
            int red = levels[3 * i] & 0xFF;
            int green = levels[3 * i + 1] & 0xFF;
            int blue = levels[3 * i + 2] & 0xFF;
            grey[i] = (byte) ((red * RED + green * GREEN + blue * BLUE + HALF) >> 16);
        }
        return new Picture(width, height, 1, grey);
    }

    /// Size and channels, for example `64x48x3`; never the levels.
    @Override
    public String toString() {
        return width + "x" + height + "x" + channels;
    }
}
