package dev.darkroom.worker.media;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.nio.FloatBuffer;

/// Pictures as the tensors that pipelines take, with the arithmetic of the reference's
/// `VaeImageProcessor.preprocess` (`image_processor.py`): resize, divide by 255, then what the
/// input's role asks for. Stateless; resizing is long work for a processor.
///
/// | input | shape | range |
/// |---|---|---|
/// | [#init] | `[1, 3, H, W]` | −1 to 1 |
/// | [#control] | `[1, 3, H, W]` | 0 to 1 |
/// | [#mask] | `[1, 1, H, W]` | 0 or 1; 1 where the picture changes |
public final class PictureTensors {
    private static final float HALF = 0.5f;

    private PictureTensors() {}

    /// A picture to start from.
    public static FloatTensor init(Picture picture, int width, int height) {
        return tensor(
                Resampling.LANCZOS.resize(picture, width, height),
                level -> 2f * (level / 255f) - 1f);
    }

    /// A picture that a control network looks at.
    public static FloatTensor control(Picture picture, int width, int height) {
        return tensor(Resampling.LANCZOS.resize(picture, width, height), level -> level / 255f);
    }

    /// Where a picture may change. As in the reference, it is resized in colour, then made grey,
    /// then cut at one half.
    public static FloatTensor mask(Picture picture, int width, int height) {
        return tensor(
                Resampling.LANCZOS.resize(picture, width, height).grey(),
                level -> level / 255f < HALF ? 0f : 1f);
    }

    private static FloatTensor tensor(Picture picture, Scale scale) {
        float[] scaled = new float[256];
        for (int level = 0; level < scaled.length; level++) {
            scaled[level] = scale.of(level);
        }
        int channels = picture.channels();
        int plane = picture.pixels();
        byte[] levels = picture.levels();
        FloatTensor tensor =
                FloatTensor.allocate(Shape.of(1, channels, picture.height(), picture.width()));
        FloatBuffer elements = tensor.buffer();
        for (int channel = 0; channel < channels; channel++) {
            for (int pixel = 0; pixel < plane; pixel++) {
                elements.put(
                        channel * plane + pixel, scaled[levels[pixel * channels + channel] & 0xFF]);
            }
        }
        return tensor;
    }

    /// What a level becomes.
    @FunctionalInterface
    private interface Scale {
        float of(int level);
    }
}
