package dev.darkroom.worker.media;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOException;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/// Runs a decoder of the platform's image library over a file whose structure was checked before.
final class Decoding {
    private Decoding() {}

    /// The first picture of a file.
    ///
    /// @param format its name, for messages
    /// @param reader is disposed of
    /// @throws PictureRefusedException when the decoder refuses it or misses data
    static BufferedImage run(String format, ImageReader reader, byte[] file) {
        List<String> warnings = new ArrayList<>();
        try (MemoryCacheImageInputStream in =
                new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
            reader.addIIOReadWarningListener((_, warning) -> warnings.add(warning));
            reader.setInput(in, true, true);
            BufferedImage image = reader.read(0);
            if (warnings.stream().anyMatch(Decoding::missesData)) {
                throw PictureRefusedException.truncated(format);
            }
            return image;
        } catch (IIOException e) {
            throw PictureRefusedException.damaged(format, reason(e));
        } catch (IOException e) {
            throw PictureRefusedException.truncated(format);
        } catch (IllegalArgumentException
                | IndexOutOfBoundsException
                | NegativeArraySizeException e) {
            // What the library's decoders throw for streams that contradict themselves.
            throw PictureRefusedException.damaged(format, reason(e));
        } finally {
            reader.dispose();
        }
    }

    /// Whether a warning of libjpeg says that pixels were made up for want of data
    /// (`JWRN_JPEG_EOF`, `JWRN_HIT_MARKER`).
    private static boolean missesData(String warning) {
        return warning.toLowerCase(Locale.ROOT).contains("premature end");
    }

    private static String reason(Exception e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message;
    }
}
