package dev.darkroom.worker.media;

import dev.darkroom.worker.tensor.FloatTensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/// Writes PNG files (W3C Recommendation "Portable Network Graphics", third edition): 8 bits per
/// channel, RGB or grey, with text chunks.
///
/// The same picture and text give the same bytes. It writes the chunks itself rather than through
/// `javax.imageio`: that would need a second copy of the picture as an AWT image and a metadata
/// tree, and leaves the order of chunks and the choice of filters to the platform.
final class Png {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final int BIT_DEPTH = 8;
    private static final int GREY = 0;
    private static final int TRUECOLOUR = 2;

    /// What `tEXt` may hold: printable Latin-1 and line feeds.
    private static final Pattern LATIN = Pattern.compile("[\\n\\x20-\\x7E\\xA0-\\xFF]*");

    /// Filter types: none, sub, up, average, Paeth.
    private static final int FILTERS = 5;

    private Png() {}

    /// A keyword and its text.
    ///
    /// @param keyword 1 to 79 Latin-1 characters
    /// @param value any text
    record Text(String keyword, String value) {}

    /// The file of a picture.
    ///
    /// @param picture `[H, W, C]`, 0 to 1, `C` 3 or 1; a value is rounded as the reference rounds,
    ///   `(value * 255)` to the nearest whole number, halves to the even one
    /// @param texts written before the picture, in order
    static byte[] encode(FloatTensor picture, List<Text> texts) {
        int height = picture.shape().size(0);
        int width = picture.shape().size(1);
        int channels = picture.shape().size(2);
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(SIGNATURE);
        chunk(file, "IHDR", header(width, height, channels));
        texts.forEach(text -> text(file, text));
        chunk(file, "IDAT", deflate(filtered(picture, height, width * channels, channels)));
        chunk(file, "IEND", new byte[0]);
        return file.toByteArray();
    }

    /// The value as 0 to 255.
    static int level(float value) {
        return (int) Math.rint(Math.clamp(value * 255f, 0f, 255f));
    }

    private static byte[] header(int width, int height, int channels) {
        int colourType =
                switch (channels) {
                    case 1 -> GREY;
                    case 3 -> TRUECOLOUR;
                    default ->
                            throw new IllegalArgumentException(
                                    "a picture has 1 or 3 channels, not " + channels);
                };
        return ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put((byte) BIT_DEPTH)
                .put((byte) colourType)
                .array();
    }

    /// `tEXt` where printable Latin-1 will do, since every reader knows it; `iTXt` (UTF-8)
    /// otherwise, and always for XMP.
    private static void text(ByteArrayOutputStream file, Text text) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.writeBytes(text.keyword().getBytes(StandardCharsets.ISO_8859_1));
        if (!text.keyword().equals(Provenance.XMP) && LATIN.matcher(text.value()).matches()) {
            data.write(0);
            data.writeBytes(text.value().getBytes(StandardCharsets.ISO_8859_1));
            chunk(file, "tEXt", data.toByteArray());
        } else {
            // End of keyword; not compressed (two bytes); no language; no translated keyword.
            data.writeBytes(new byte[] {0, 0, 0, 0, 0});
            data.writeBytes(text.value().replace('\0', ' ').getBytes(StandardCharsets.UTF_8));
            chunk(file, "iTXt", data.toByteArray());
        }
    }

    private static void chunk(ByteArrayOutputStream file, String type, byte[] data) {
        byte[] name = type.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 check = new CRC32();
        check.update(name);
        check.update(data);
        file.writeBytes(ByteBuffer.allocate(4).putInt(data.length).array());
        file.writeBytes(name);
        file.writeBytes(data);
        file.writeBytes(ByteBuffer.allocate(4).putInt((int) check.getValue()).array());
    }

    /// Every line with the filter that leaves the least sum of absolute differences, as chapter
    /// 12.7 of the standard advises.
    private static byte[] filtered(FloatTensor picture, int lines, int length, int pixel) {
        byte[] out = new byte[lines * (length + 1)];
        byte[] above = new byte[length];
        byte[] line = new byte[length];
        byte[] tried = new byte[length];
        for (int y = 0; y < lines; y++) {
            for (int x = 0; x < length; x++) {
                line[x] = (byte) level(picture.get(y * length + x));
            }
            long least = Long.MAX_VALUE;
            for (int filter = 0; filter < FILTERS; filter++) {
                long sum = 0;
                for (int x = 0; x < length; x++) {
                    tried[x] = (byte) (line[x] - predicted(filter, line, above, x, pixel));
                    sum += Math.abs(tried[x]);
                }
                if (sum < least) {
                    least = sum;
                    out[y * (length + 1)] = (byte) filter;
                    System.arraycopy(tried, 0, out, y * (length + 1) + 1, length);
                }
            }
            byte[] swap = above;
            above = line;
            line = swap;
        }
        return out;
    }

    private static int predicted(int filter, byte[] line, byte[] above, int x, int pixel) {
        int left = x < pixel ? 0 : line[x - pixel] & 0xFF;
        int up = above[x] & 0xFF;
        int corner = x < pixel ? 0 : above[x - pixel] & 0xFF;
        return switch (filter) {
            case 0 -> 0;
            case 1 -> left;
            case 2 -> up;
            case 3 -> (left + up) / 2;
            default -> paeth(left, up, corner);
        };
    }

    private static int paeth(int left, int up, int corner) {
        int byLeft = Math.abs(up - corner);
        int byUp = Math.abs(left - corner);
        int byCorner = Math.abs(left + up - 2 * corner);
        if (byLeft <= byUp && byLeft <= byCorner) {
            return left;
        }
        return byUp <= byCorner ? up : corner;
    }

    private static byte[] deflate(byte[] data) {
        try (Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION)) {
            deflater.setInput(data);
            deflater.finish();
            ByteArrayOutputStream out = new ByteArrayOutputStream(data.length / 2 + 64);
            byte[] buffer = new byte[8192];
            while (!deflater.finished()) {
                out.write(buffer, 0, deflater.deflate(buffer));
            }
            return out.toByteArray();
        }
    }
}
