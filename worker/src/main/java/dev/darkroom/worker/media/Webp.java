package dev.darkroom.worker.media;

import com.luciad.imageio.webp.CompressionType;
import com.luciad.imageio.webp.WebPImageWriterSpi;
import com.luciad.imageio.webp.WebPWriteParam;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOImage;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/// Writes WebP files (RFC 9649): lossy, RGB, with Exif and XMP chunks. libwebp codes the picture.
final class Webp {
    /// The greatest side that the format has.
    static final int SIDE = 16_383;

    private static final int HAS_XMP = 0x04;
    private static final int HAS_EXIF = 0x08;

    private Webp() {}

    /// The file of a picture.
    ///
    /// @param quality 1 to 100
    /// @param exif a TIFF structure
    static byte[] encode(Picture picture, int quality, byte[] exif, Xmp xmp) {
        Riff.Chunk coded =
                Riff.read(code(picture, quality)).stream()
                        .filter(chunk -> chunk.name().equals("VP8 "))
                        .findFirst()
                        .orElseThrow(() -> new IllegalStateException("libwebp gave no VP8 chunk"));
        return Riff.write(
                List.of(
                        Riff.Chunk.of("VP8X", header(picture)),
                        coded,
                        Riff.Chunk.of("EXIF", exif),
                        Riff.Chunk.of("XMP ", xmp.packet().getBytes(StandardCharsets.UTF_8))));
    }

    private static byte[] header(Picture picture) {
        ByteBuffer header = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(HAS_EXIF | HAS_XMP);
        header.putShort((short) (picture.width() - 1)).put((byte) 0);
        header.putShort((short) (picture.height() - 1)).put((byte) 0);
        return header.array();
    }

    private static byte[] code(Picture picture, int quality) {
        ImageWriter writer;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writer = new WebPImageWriterSpi().createWriterInstance();
        } catch (IOException e) {
            throw new UncheckedIOException("libwebp cannot be used", e);
        }
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            WebPWriteParam parameters = new WebPWriteParam(Locale.ROOT);
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionType(CompressionType.Lossy);
            parameters.setCompressionQuality(quality / 100f);
            writer.setOutput(out);
            writer.write(null, new IIOImage(Rasters.image(picture), null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("a picture could not be written to memory", e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
