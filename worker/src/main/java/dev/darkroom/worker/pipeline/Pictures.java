package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Turns what a decoder gives into pictures.
final class Pictures {
    private Pictures() {}

    /// Pictures `[H, W, C]` in 0 to 1 of a batch `[n, C, H, W]` in −1 to 1; what exceeds the range
    /// is cut off, what is not finite becomes not-a-number.
    ///
    /// Source: `VaeImageProcessor.denormalize` in the reference's `image_processor.py`.
    static List<FloatTensor> of(FloatTensor batch) {
        int channels = batch.shape().size(1);
        int height = batch.shape().size(2);
        int width = batch.shape().size(3);
        int plane = height * width;
        List<FloatTensor> pictures = new ArrayList<>();
        for (int i = 0; i < batch.shape().size(0); i++) {
            FloatTensor picture = FloatTensor.allocate(Shape.of(height, width, channels));
            for (int channel = 0; channel < channels; channel++) {
                int from = (i * channels + channel) * plane;
                for (int pixel = 0; pixel < plane; pixel++) {
                    float value = batch.get(from + pixel) / 2 + 0.5f;
                    picture.set(
                            pixel * channels + channel,
                            Float.isFinite(value) ? Math.clamp(value, 0f, 1f) : Float.NaN);
                }
            }
            pictures.add(picture);
        }
        return pictures;
    }
}
