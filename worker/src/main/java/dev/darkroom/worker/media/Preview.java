package dev.darkroom.worker.media;

import dev.darkroom.worker.tensor.FloatTensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/// Makes small pictures of unfinished latents, for progress events.
///
/// Immutable and safe for any thread. It is long work for a processor: run it where media are
/// encoded, on a copy of the latents, never on a job's virtual thread.
public final class Preview {
    /// The greatest length of a preview, as text.
    public static final int LIMIT = 8 * 1024;

    /// Pixels of the longer side: enough for a person to see something.
    private static final int SIDE = 96;

    private static final String PREFIX = "data:image/jpeg;base64,";
    private static final float[] QUALITIES = {0.85f, 0.7f, 0.5f, 0.3f, 0.1f};
    private static final int COLOURS = 3;

    private final LatentColours colours;

    /// Previews by this map.
    public Preview(LatentColours colours) {
        this.colours = colours;
    }

    /// A JPEG picture of these latents as a `data:` URI of at most [#LIMIT] characters.
    ///
    /// @param latents one output's sample, `[C, h, w]`
    /// @throws IllegalArgumentException when there are not as many channels as the map takes
    public String dataUri(FloatTensor latents) {
        if (latents.shape().rank() != 3 || latents.shape().size(0) != colours.channels()) {
            throw new IllegalArgumentException(
                    "latents are " + latents + ", wanted " + colours.channels() + " channels");
        }
        float[] cells = cells(latents);
        int h = latents.shape().size(1);
        int w = latents.shape().size(2);
        for (int side = SIDE; ; side /= 2) {
            BufferedImage picture = stretch(cells, w, h, side);
            for (float quality : QUALITIES) {
                String uri = PREFIX + Base64.getEncoder().encodeToString(jpeg(picture, quality));
                if (uri.length() <= LIMIT) {
                    return uri;
                }
            }
        }
    }

    /// Colours of the latent cells, `[h, w, 3]`, not yet bounded.
    private float[] cells(FloatTensor latents) {
        int plane = latents.shape().size(1) * latents.shape().size(2);
        float[] cells = new float[plane * COLOURS];
        for (int cell = 0; cell < plane; cell++) {
            for (int colour = 0; colour < COLOURS; colour++) {
                double sum = colours.bias().get(colour);
                for (int channel = 0; channel < colours.channels(); channel++) {
                    sum +=
                            latents.get(channel * plane + cell)
                                    * colours.matrix().get(channel).get(colour);
                }
                cells[cell * COLOURS + colour] = (float) sum;
            }
        }
        return cells;
    }

    /// The cells as a picture whose longer side has `side` pixels, bilinear in between.
    private static BufferedImage stretch(float[] cells, int w, int h, int side) {
        double scale = (double) side / Math.max(w, h);
        int width = Math.max(1, (int) Math.round(w * scale));
        int height = Math.max(1, (int) Math.round(h * scale));
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            double v = Math.clamp((y + 0.5) / scale - 0.5, 0, h - 1);
            for (int x = 0; x < width; x++) {
                double u = Math.clamp((x + 0.5) / scale - 0.5, 0, w - 1);
                int rgb = 0;
                for (int colour = 0; colour < COLOURS; colour++) {
                    rgb = rgb << 8 | level(between(cells, w, h, u, v, colour));
                }
                picture.setRGB(x, y, rgb);
            }
        }
        return picture;
    }

    private static double between(float[] cells, int w, int h, double u, double v, int colour) {
        int left = (int) u;
        int top = (int) v;
        int right = Math.min(left + 1, w - 1);
        int bottom = Math.min(top + 1, h - 1);
        double across = u - left;
        double upper =
                cells[(top * w + left) * COLOURS + colour] * (1 - across)
                        + cells[(top * w + right) * COLOURS + colour] * across;
        double lower =
                cells[(bottom * w + left) * COLOURS + colour] * (1 - across)
                        + cells[(bottom * w + right) * COLOURS + colour] * across;
        double down = v - top;
        return upper * (1 - down) + lower * down;
    }

    /// 0 to 255; not-a-number is black.
    private static int level(double value) {
        return (int) Math.rint(Math.clamp(value, 0, 1) * 255);
    }

    private static byte[] jpeg(BufferedImage picture, float quality) {
        ImageWriter writer =
                ImageIO.getImageWriters(ImageTypeSpecifier.createFromRenderedImage(picture), "jpeg")
                        .next();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
            ImageWriteParam parameters = writer.getDefaultWriteParam();
            parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            parameters.setCompressionQuality(quality);
            writer.setOutput(out);
            writer.write(null, new IIOImage(picture, null, null), parameters);
        } catch (IOException e) {
            throw new UncheckedIOException("a picture could not be written to memory", e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }
}
