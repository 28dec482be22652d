package dev.darkroom.worker.media;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;

/// Reads JPEG files (ITU-T T.81): baseline, extended and progressive with 8 bits per channel, grey
/// or colour. CMYK is refused: without its profile nobody can say which colours are meant.
///
/// Takes the file apart first and checks what the header promises; the platform's decoder then sees
/// only the segments that pixels come from, with the one mark that says which colours they are
/// (libjpeg's rules: JFIF means YCbCr, else Adobe's mark decides, else the components' names).
final class JpegReader {
    private static final String FORMAT = "JPEG";

    /// A progressive picture has about ten scans; each costs a pass over all pixels.
    private static final int SCANS = 100;

    private static final int START = 0xD8;
    private static final int END = 0xD9;
    private static final int START_OF_SCAN = 0xDA;
    private static final int APP0 = 0xE0;
    private static final int APP1 = 0xE1;
    private static final int APP14 = 0xEE;
    private static final int APP15 = 0xEF;
    private static final int COMMENT = 0xFE;
    private static final String XMP = "http://ns.adobe.com/xap/1.0/\0";
    private static final byte[] JFIF = {
        (byte) 0xFF, (byte) APP0, 0, 16, 'J', 'F', 'I', 'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0
    };

    private JpegReader() {}

    /// Whether a file begins as JPEG files do.
    static boolean matches(byte[] file) {
        return file.length >= 3
                && (file[0] & 0xFF) == 0xFF
                && (file[1] & 0xFF) == START
                && (file[2] & 0xFF) == 0xFF;
    }

    /// The picture, turned as its metadata says.
    static Picture decode(byte[] file, PictureLimits limits) {
        Parts parts = new Parts(file, limits);
        BufferedImage image =
                Decoding.run(
                        FORMAT, ImageIO.getImageReadersByFormatName("jpeg").next(), parts.pixels());
        Picture picture = Rasters.picture(image.getRaster(), Rasters.levels(image.getRaster()));
        return Orientation.of(parts.exif, parts.xmp).apply(picture);
    }

    /// What a file consists of.
    private static final class Parts {
        private final byte[] file;
        private final PictureLimits limits;
        private final ByteArrayOutputStream pixels = new ByteArrayOutputStream();
        private boolean jfif;
        private byte @Nullable [] adobe;
        private byte @Nullable [] exif;
        private byte @Nullable [] xmp;
        private String components = "";
        private int scans;

        Parts(byte[] file, PictureLimits limits) {
            this.file = file;
            this.limits = limits;
            int at = 2;
            while (true) {
                int marker = marker(at);
                at = next(at);
                if (marker == END) {
                    break;
                }
                if (marker == 0x01 || (marker >= 0xD0 && marker <= START)) {
                    // These stand alone, and mean nothing outside a scan.
                    continue;
                }
                int length = number(at);
                if (length < 2 || at + length > file.length) {
                    throw PictureRefusedException.truncated(FORMAT);
                }
                segment(marker, at, length);
                at += length;
                if (marker == START_OF_SCAN) {
                    at = scan(at);
                }
            }
            if (components.isEmpty() || scans == 0) {
                throw PictureRefusedException.damaged(FORMAT, "it has no pixels");
            }
        }

        /// The marker at or after `at`, behind any fill bytes.
        private int marker(int at) {
            if (at + 1 >= file.length) {
                throw PictureRefusedException.truncated(FORMAT);
            }
            if ((file[at] & 0xFF) != 0xFF) {
                throw PictureRefusedException.damaged(FORMAT, "a marker is missing");
            }
            return file[next(at) - 1] & 0xFF;
        }

        /// Where the marker at `at` ends.
        private int next(int at) {
            int end = at;
            while (end < file.length && (file[end] & 0xFF) == 0xFF) {
                end++;
            }
            if (end == file.length) {
                throw PictureRefusedException.truncated(FORMAT);
            }
            return end + 1;
        }

        private int number(int at) {
            if (at + 1 >= file.length) {
                throw PictureRefusedException.truncated(FORMAT);
            }
            return (file[at] & 0xFF) << 8 | (file[at + 1] & 0xFF);
        }

        private void segment(int marker, int at, int length) {
            byte[] content = Arrays.copyOfRange(file, at + 2, at + length);
            if (marker >= 0xC0
                    && marker <= 0xCF
                    && marker != 0xC4
                    && marker != 0xC8
                    && marker != 0xCC) {
                frame(marker, content);
            }
            if (marker >= APP0 && marker <= APP15) {
                application(marker, content);
                return;
            }
            if (marker == COMMENT) {
                return;
            }
            pixels.write(0xFF);
            pixels.write(marker);
            pixels.write(file, at, length);
        }

        private void frame(int marker, byte[] content) {
            if (marker > 0xC2) {
                throw PictureRefusedException.rejected(
                        marker >= 0xC9 && marker != 0xCD
                                ? "a JPEG file in arithmetic coding"
                                : "a lossless or hierarchical JPEG file",
                        "a baseline or progressive one");
            }
            if (content.length < 6 || content.length < 6 + 3 * (content[5] & 0xFF)) {
                throw PictureRefusedException.truncated(FORMAT);
            }
            if (!components.isEmpty()) {
                throw PictureRefusedException.damaged(FORMAT, "it has two headers");
            }
            if (content[0] != 8) {
                throw PictureRefusedException.rejected(
                        "a JPEG file of " + content[0] + " bits per channel", "8 bits");
            }
            int height = (content[1] & 0xFF) << 8 | (content[2] & 0xFF);
            int width = (content[3] & 0xFF) << 8 | (content[4] & 0xFF);
            limits.check(width, height);
            int count = content[5] & 0xFF;
            if (count != 1 && count != 3) {
                throw PictureRefusedException.rejected(
                        "a JPEG file of " + count + " channels" + (count == 4 ? " (CMYK)" : ""),
                        "1 channel (grey) or 3 (colour)");
            }
            StringBuilder names = new StringBuilder();
            for (int i = 0; i < count; i++) {
                names.append((char) (content[6 + 3 * i] & 0xFF));
            }
            components = names.toString();
        }

        private void application(int marker, byte[] content) {
            switch (marker) {
                case APP0 -> jfif |= starts(content, "JFIF\0");
                case APP1 -> {
                    if (starts(content, "Exif\0\0") && exif == null) {
                        exif = content;
                    } else if (starts(content, XMP)) {
                        xmp = content;
                    }
                }
                case APP14 -> {
                    if (starts(content, "Adobe") && content.length >= 12) {
                        adobe = content;
                    }
                }
                default -> {
                    // Neither pixels nor how they are seen.
                }
            }
        }

        private static boolean starts(byte[] content, String with) {
            byte[] start = with.getBytes(StandardCharsets.ISO_8859_1);
            return content.length >= start.length
                    && Arrays.equals(content, 0, start.length, start, 0, start.length);
        }

        /// Copies a scan's coded pixels; gives where the next marker begins.
        private int scan(int from) {
            scans++;
            if (scans > SCANS) {
                throw PictureRefusedException.rejected(
                        "a JPEG file of more than " + SCANS + " scans", "at most " + SCANS);
            }
            int at = from;
            while (at + 1 < file.length && !endsScan(at)) {
                at++;
            }
            if (at + 1 >= file.length) {
                throw PictureRefusedException.truncated(FORMAT);
            }
            pixels.write(file, from, at - from);
            return at;
        }

        /// Whether a marker begins here that is neither a stuffed byte, a fill byte nor a restart.
        private boolean endsScan(int at) {
            int second = file[at + 1] & 0xFF;
            return (file[at] & 0xFF) == 0xFF
                    && second != 0
                    && second != 0xFF
                    && (second < 0xD0 || second > 0xD7);
        }

        /// The file again, with what its pixels need and nothing else.
        byte[] pixels() {
            ByteArrayOutputStream out = new ByteArrayOutputStream(file.length + JFIF.length);
            out.write(0xFF);
            out.write(START);
            byte[] mark = adobe;
            if (!jfif && mark != null) {
                out.write(0xFF);
                out.write(APP14);
                out.write((mark.length + 2) >> 8);
                out.write(mark.length + 2);
                out.writeBytes(mark);
            } else if (jfif || !components.equals("RGB")) {
                out.writeBytes(JFIF);
            }
            out.writeBytes(pixels.toByteArray());
            out.write(0xFF);
            out.write(END);
            return out.toByteArray();
        }
    }
}
