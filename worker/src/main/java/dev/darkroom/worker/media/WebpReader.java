package dev.darkroom.worker.media;

import com.luciad.imageio.webp.WebPImageReaderSpi;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageReader;
import org.jspecify.annotations.Nullable;

/// Reads WebP files (RFC 9649): lossy and lossless; of an animated one the first frame on its
/// canvas. Alpha is dropped, and what no frame covers is black, as the reference has both.
///
/// Takes the file apart first and checks what the headers promise; libwebp then sees one picture in
/// the simple form of the format.
final class WebpReader {
    private static final String FORMAT = "WebP";
    private static final int LOSSY_START = 0x2A019D;
    private static final int LOSSLESS_START = 0x2F;
    private static final int FRAME_HEADER = 16;

    private WebpReader() {}

    /// The picture, turned as its metadata says.
    static Picture decode(byte[] file, PictureLimits limits) {
        List<Riff.Chunk> chunks = Riff.read(file);
        Optional<Riff.Chunk> canvas = named(chunks, "VP8X");
        Size size = canvas.map(chunk -> canvas(chunk.content())).orElse(null);
        if (size != null) {
            limits.check(size.width(), size.height());
        }
        Optional<Riff.Chunk> animated = named(chunks, "ANMF");
        Picture picture =
                animated.isPresent()
                        ? firstFrame(animated.get().content(), size, limits)
                        : still(chunks, limits);
        return Orientation.of(bytes(chunks, "EXIF"), bytes(chunks, "XMP ")).apply(picture);
    }

    /// Pixels.
    private record Size(int width, int height) {}

    private static Optional<Riff.Chunk> named(List<Riff.Chunk> chunks, String name) {
        return chunks.stream().filter(chunk -> chunk.name().equals(name)).findFirst();
    }

    private static byte @Nullable [] bytes(List<Riff.Chunk> chunks, String name) {
        return named(chunks, name).map(Riff.Chunk::bytes).orElse(null);
    }

    private static Size canvas(ByteBuffer content) {
        need(content, 10);
        return new Size(1 + triple(content, 4), 1 + triple(content, 7));
    }

    /// The first frame on its canvas.
    private static Picture firstFrame(
            ByteBuffer content, @Nullable Size canvas, PictureLimits limits) {
        need(content, FRAME_HEADER);
        int left = 2 * triple(content, 0);
        int top = 2 * triple(content, 3);
        Picture frame =
                still(
                        Riff.chunks(content.slice(FRAME_HEADER, content.capacity() - FRAME_HEADER)),
                        limits);
        if (canvas == null
                || left + frame.width() > canvas.width()
                || top + frame.height() > canvas.height()) {
            throw PictureRefusedException.damaged(FORMAT, "a frame lies outside the picture");
        }
        byte[] levels = new byte[canvas.width() * canvas.height() * 3];
        int row = frame.width() * 3;
        for (int y = 0; y < frame.height(); y++) {
            System.arraycopy(
                    frame.levels(), y * row, levels, ((top + y) * canvas.width() + left) * 3, row);
        }
        return new Picture(canvas.width(), canvas.height(), 3, levels);
    }

    private static Picture still(List<Riff.Chunk> chunks, PictureLimits limits) {
        Riff.Chunk coded =
                named(chunks, "VP8 ")
                        .or(() -> named(chunks, "VP8L"))
                        .orElseThrow(
                                () -> PictureRefusedException.damaged(FORMAT, "it has no pixels"));
        Size size = size(coded);
        limits.check(size.width(), size.height());
        BufferedImage image = Decoding.run(FORMAT, reader(), Riff.write(List.of(coded)));
        return Rasters.picture(image.getRaster(), Rasters.levels(image.getRaster()));
    }

    private static Size size(Riff.Chunk coded) {
        ByteBuffer in = coded.content();
        if (coded.name().equals("VP8 ")) {
            need(in, 10);
            if ((in.get(0) & 1) != 0 || triple(in, 3) != LOSSY_START) {
                throw PictureRefusedException.damaged(FORMAT, "its header is not one");
            }
            return new Size(in.getShort(6) & 0x3FFF, in.getShort(8) & 0x3FFF);
        }
        need(in, 5);
        if (in.get(0) != LOSSLESS_START) {
            throw PictureRefusedException.damaged(FORMAT, "its header is not one");
        }
        int packed = in.getInt(1);
        return new Size(1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF));
    }

    private static void need(ByteBuffer content, int bytes) {
        if (content.capacity() < bytes) {
            throw PictureRefusedException.truncated(FORMAT);
        }
    }

    /// A number of three bytes.
    private static int triple(ByteBuffer in, int at) {
        return (in.getShort(at) & 0xFFFF) | (in.get(at + 2) & 0xFF) << 16;
    }

    private static ImageReader reader() {
        try {
            return new WebPImageReaderSpi().createReaderInstance();
        } catch (IOException e) {
            throw new UncheckedIOException("libwebp cannot be used", e);
        }
    }
}
