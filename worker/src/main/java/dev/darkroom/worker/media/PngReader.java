package dev.darkroom.worker.media;

import java.awt.image.BufferedImage;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/// Reads PNG files of every colour type and depth; of an animated one its default picture.
///
/// Takes the file apart first and checks what the header promises; the platform's decoder then sees
/// only the chunks that pixels come from. It cannot be made to unpack more than the header's
/// pixels, nor text or colour profiles at all.
final class PngReader {
    private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    private static final String FORMAT = "PNG";
    private static final int IHDR_LENGTH = 13;
    private static final int AROUND = 12;
    private static final String XMP = "XML:com.adobe.xmp\0\0\0\0\0";

    private static final int GREY = 0;
    private static final int TRUECOLOUR = 2;
    private static final int PALETTE = 3;
    private static final int GREY_ALPHA = 4;
    private static final int TRUECOLOUR_ALPHA = 6;

    private PngReader() {}

    /// Whether a file begins as PNG files do.
    static boolean matches(byte[] file) {
        return file.length >= SIGNATURE.length
                && Arrays.equals(file, 0, SIGNATURE.length, SIGNATURE, 0, SIGNATURE.length);
    }

    /// The picture, turned as its metadata says.
    static Picture decode(byte[] file, PictureLimits limits) {
        Parts parts = new Parts(file, limits);
        BufferedImage image =
                Decoding.run(
                        FORMAT, ImageIO.getImageReadersByFormatName("png").next(), parts.pixels());
        Picture picture = Rasters.picture(image.getRaster(), parts.samples(image));
        return Orientation.of(parts.exif, parts.xmp).apply(picture);
    }

    /// What a file consists of.
    private static final class Parts {
        private final ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        private int depth;
        private int colourType;
        private boolean palette;
        private boolean data;
        private byte @Nullable [] exif;
        private byte @Nullable [] xmp;

        Parts(byte[] file, PictureLimits limits) {
            pixels.writeBytes(SIGNATURE);
            ByteBuffer in = ByteBuffer.wrap(file).position(SIGNATURE.length);
            String type = "";
            while (!type.equals("IEND")) {
                if (in.remaining() < AROUND) {
                    throw PictureRefusedException.truncated(FORMAT);
                }
                int length = in.getInt();
                if (length < 0 || length > in.remaining() - 8) {
                    throw PictureRefusedException.truncated(FORMAT);
                }
                int start = in.position();
                type = new String(file, start, 4, StandardCharsets.ISO_8859_1);
                in.position(start + 4 + length);
                check(file, start, length, in.getInt());
                boolean first = start == SIGNATURE.length + 4;
                if (!first && type.equals("IHDR")) {
                    throw PictureRefusedException.damaged(FORMAT, "it has two headers");
                }
                if (first) {
                    header(type, ByteBuffer.wrap(file, start + 4, length), limits);
                }
                take(type, file, start, length);
            }
            if (!data || (colourType == PALETTE && !palette)) {
                throw PictureRefusedException.damaged(
                        FORMAT, data ? "it has no palette" : "it has no pixels");
            }
        }

        private static void check(byte[] file, int start, int length, int expected) {
            CRC32 crc = new CRC32();
            crc.update(file, start, 4 + length);
            if ((int) crc.getValue() != expected) {
                throw PictureRefusedException.damaged(FORMAT, "a checksum is wrong");
            }
        }

        private void header(String type, ByteBuffer header, PictureLimits limits) {
            if (!type.equals("IHDR") || header.remaining() != IHDR_LENGTH) {
                throw PictureRefusedException.damaged(FORMAT, "it does not begin with a header");
            }
            int width = header.getInt();
            int height = header.getInt();
            if (width < 0 || height < 0) {
                throw PictureRefusedException.damaged(
                        FORMAT, "its width or height is beyond what the format has");
            }
            limits.check(width, height);
            depth = header.get();
            colourType = header.get();
            boolean known =
                    switch (colourType) {
                        case GREY -> depth == 1 || depth == 2 || depth == 4 || sixteenOrEight();
                        case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
                        case TRUECOLOUR, GREY_ALPHA, TRUECOLOUR_ALPHA -> sixteenOrEight();
                        default -> false;
                    };
            if (!known) {
                throw PictureRefusedException.damaged(
                        FORMAT, "colour type " + colourType + " with depth " + depth);
            }
        }

        private boolean sixteenOrEight() {
            return depth == 8 || depth == 16;
        }

        private void take(String type, byte[] file, int start, int length) {
            switch (type) {
                case "IHDR", "PLTE", "IDAT", "IEND" -> {
                    pixels.write(file, start - 4, length + AROUND);
                    palette |= type.equals("PLTE");
                    data |= type.equals("IDAT") && length > 0;
                }
                case "eXIf" -> exif = Arrays.copyOfRange(file, start + 4, start + 4 + length);
                case "iTXt" -> {
                    byte[] content = Arrays.copyOfRange(file, start + 4, start + 4 + length);
                    if (new String(content, StandardCharsets.ISO_8859_1).startsWith(XMP)) {
                        xmp = content;
                    }
                }
                default -> {
                    // Neither pixels nor how they are turned.
                }
            }
        }

        byte[] pixels() {
            return pixels.toByteArray();
        }

        /// How the decoder's samples become levels, as Pillow has it: of 16 bits the upper 8; fewer
        /// than 8 bits of grey spread over the range; colours of a palette looked up.
        Rasters.Pixels samples(BufferedImage image) {
            Raster raster = image.getRaster();
            if (colourType == PALETTE) {
                return colours((IndexColorModel) image.getColorModel());
            }
            Rasters.Pixels levels = Rasters.levels(raster);
            if (depth == 8) {
                return levels;
            }
            int shift = depth == 16 ? 8 : 0;
            int factor = depth < 8 ? 255 / ((1 << depth) - 1) : 1;
            return (samples, from, rgb, to) -> {
                for (int i = from; i < from + raster.getNumBands(); i++) {
                    samples[i] = (samples[i] >> shift) * factor;
                }
                levels.write(samples, from, rgb, to);
            };
        }

        private static Rasters.Pixels colours(IndexColorModel model) {
            return (samples, from, rgb, to) -> {
                int index = samples[from];
                int colour = index < model.getMapSize() ? model.getRGB(index) : 0;
                rgb[to] = (byte) (colour >> 16);
                rgb[to + 1] = (byte) (colour >> 8);
                rgb[to + 2] = (byte) colour;
            };
        }
    }
}
