package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.tensor.FloatTensor;

/// Guidance without a classifier: Ho and Salimans 2022 ("Classifier-Free Diffusion Guidance"),
/// equation 6, in the form of the reference's pipelines.
///
/// @param scale of the guidance, above 1
/// @param rescale share of the prediction that is brought back to the spread of the positive one, 0
///   to 1: φ in Lin et al. 2023 ("Common Diffusion Noise Schedules and Sample Steps are Flawed"),
///   equation 16
record Guidance(double scale, double rescale) {
    /// `negative + scale · (positive − negative)`, in single precision, then rescaled.
    ///
    /// | tensor | shape |
    /// |---|---|
    /// | negative, positive, into | the same |
    void mix(FloatTensor negative, FloatTensor positive, FloatTensor into) {
        float factor = (float) scale;
        int size = into.shape().elements();
        for (int k = 0; k < size; k++) {
            float without = negative.get(k);
            into.set(k, without + factor * (positive.get(k) - without));
        }
        if (rescale > 0) {
            float share = (float) rescale;
            float ratio = (float) (deviation(positive) / deviation(into));
            for (int k = 0; k < size; k++) {
                float mixed = into.get(k);
                into.set(k, share * (mixed * ratio) + (1 - share) * mixed);
            }
        }
    }

    /// The standard deviation of all elements, with one degree of freedom less.
    private static double deviation(FloatTensor tensor) {
        int size = tensor.shape().elements();
        double sum = 0;
        for (int k = 0; k < size; k++) {
            sum += tensor.get(k);
        }
        double mean = sum / size;
        double squares = 0;
        for (int k = 0; k < size; k++) {
            double distance = tensor.get(k) - mean;
            squares += distance * distance;
        }
        return Math.sqrt(squares / (size - 1));
    }
}
