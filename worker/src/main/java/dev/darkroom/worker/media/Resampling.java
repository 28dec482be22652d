package dev.darkroom.worker.media;

/// A filter that resizes pictures, level for level as Pillow's `Image.resize` does with it
/// (`libImaging/Resample.c`): along one axis, then along the other, each with coefficients in fixed
/// point and rounded to 8 bits in between.
///
/// Stateless; long work for a processor.
public enum Resampling {
    /// Lanczos' windowed sinc of three lobes: `Image.LANCZOS`.
    LANCZOS(3) {
        @Override
        double weight(double x) {
            return -support <= x && x < support ? sinc(x) * sinc(x / support) : 0;
        }
    },

    /// Keys' cubic convolution with a slope of −1/2 (Keys 1981, equation 4): `Image.BICUBIC`.
    BICUBIC(2) {
        @Override
        double weight(double x) {
            double distance = Math.abs(x);
            if (distance < 1) {
                return ((SLOPE + 2) * distance - (SLOPE + 3)) * distance * distance + 1;
            }
            return distance < support
                    ? (((distance - 5) * distance + 8) * distance - 4) * SLOPE
                    : 0;
        }
    };

    private static final double SLOPE = -0.5;

    /// Bits behind the point: 32, less 8 for the level, less 2 for sums above it.
    private static final int PRECISION = 32 - 8 - 2;

    /// How far the filter reaches on either side, in pixels.
    final double support;

    Resampling(double support) {
        this.support = support;
    }

    /// The filter at `x` pixels from its centre.
    abstract double weight(double x);

    /// The picture in another size; the same picture when it has that size already.
    public Picture resize(Picture picture, int width, int height) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "size is " + width + " × " + height + "; legal: at least 1 × 1");
        }
        return heightFirst(picture, width, height)
                ? across(down(picture, height), width)
                : down(across(picture, width), height);
    }

    /// Which axis comes first decides what is rounded and cut in between. Source:
    /// `ImagingResampleInner`.
    private static boolean heightFirst(Picture picture, int width, int height) {
        int shorter = picture.height() - height;
        return shorter > 0 && shorter > 2 * (picture.width() - width);
    }

    private Picture across(Picture picture, int width) {
        if (width == picture.width()) {
            return picture;
        }
        Taps taps = new Taps(this, picture.width(), width);
        int height = picture.height();
        int channels = picture.channels();
        byte[] from = picture.levels();
        byte[] to = new byte[Math.multiplyExact(Math.multiplyExact(width, height), channels)];
        for (int y = 0; y < height; y++) {
            int row = y * picture.width() * channels;
            for (int x = 0; x < width; x++) {
                int first = row + taps.first[x] * channels;
                for (int channel = 0; channel < channels; channel++) {
                    to[(y * width + x) * channels + channel] =
                            taps.weigh(x, from, first + channel, channels);
                }
            }
        }
        return new Picture(width, height, channels, to);
    }

    private Picture down(Picture picture, int height) {
        if (height == picture.height()) {
            return picture;
        }
        Taps taps = new Taps(this, picture.height(), height);
        int row = picture.width() * picture.channels();
        byte[] from = picture.levels();
        byte[] to = new byte[Math.multiplyExact(row, height)];
        for (int y = 0; y < height; y++) {
            for (int i = 0; i < row; i++) {
                to[y * row + i] = taps.weigh(y, from, taps.first[y] * row + i, row);
            }
        }
        return new Picture(picture.width(), height, picture.channels(), to);
    }

    private static double sinc(double x) {
        if (x == 0) {
            return 1;
        }
        double angle = x * Math.PI;
        return StrictMath.sin(angle) / angle;
    }

    /// For every output position along one axis, which inputs it is made of and with what weights.
    /// Source: `precompute_coeffs` and `normalize_coeffs_8bpc` of `Resample.c`.
    private static final class Taps {
        private final int[] first;
        private final int[][] weights;

        Taps(Resampling filter, int inputs, int outputs) {
            first = new int[outputs];
            weights = new int[outputs][];
            double scale = (double) inputs / outputs;
            // When the picture shrinks, the filter widens to cover what a pixel stands for.
            double stretch = Math.max(scale, 1);
            double support = filter.support * stretch;
            for (int i = 0; i < outputs; i++) {
                double centre = (i + 0.5) * scale;
                first[i] = Math.max(0, (int) (centre - support + 0.5));
                int end = Math.min(inputs, (int) (centre + support + 0.5));
                weights[i] = fixed(reals(filter, end - first[i], first[i] - centre + 0.5, stretch));
            }
        }

        private static double[] reals(Resampling filter, int count, double offset, double stretch) {
            double[] reals = new double[count];
            double sum = 0;
            double squeeze = 1 / stretch;
            for (int i = 0; i < count; i++) {
                reals[i] = filter.weight((i + offset) * squeeze);
                sum += reals[i];
            }
            for (int i = 0; i < count && sum != 0; i++) {
                reals[i] /= sum;
            }
            return reals;
        }

        private static int[] fixed(double[] reals) {
            int[] fixed = new int[reals.length];
            for (int i = 0; i < reals.length; i++) {
                double scaled = reals[i] * (1 << PRECISION);
                fixed[i] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
            }
            return fixed;
        }

        byte weigh(int output, byte[] levels, int from, int stride) {
            int sum = 1 << (PRECISION - 1);
            int at = from;
            for (int weight : weights[output]) {
                sum += (levels[at] & 0xFF) * weight;
                at += stride;
            }
            return (byte) Math.clamp(sum >> PRECISION, 0, 255);
        }
    }
}
