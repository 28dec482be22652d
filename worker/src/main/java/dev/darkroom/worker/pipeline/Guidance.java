package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.tensor.FloatTensor;

/// Guidance without a classifier: Ho and Salimans 2022 ("Classifier-Free Diffusion Guidance"),
/// equation 6, in the form of the reference's pipelines.
final class Guidance {
    private Guidance() {}

    /// Whether a scale guides at all; at 1 and below the negative prompt has no part.
    static boolean applies(double scale) {
        return scale > 1;
    }

    /// `negative + scale * (positive - negative)`, in single precision.
    ///
    /// | tensor | shape |
    /// |---|---|
    /// | negative, positive, into | the same |
    static void mix(FloatTensor negative, FloatTensor positive, double scale, FloatTensor into) {
        float factor = (float) scale;
        int size = into.shape().elements();
        for (int k = 0; k < size; k++) {
            float without = negative.get(k);
            into.set(k, without + factor * (positive.get(k) - without));
        }
    }
}
