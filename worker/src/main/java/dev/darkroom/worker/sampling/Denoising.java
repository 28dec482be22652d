package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// How a solver reads a model's outputs.
///
/// @param scale of the samples
/// @param prediction of the model
/// @param bounds of the clean samples that it implies
record Denoising(LevelScale scale, Prediction prediction, SampleBounds bounds) {
    /// What the field `prediction_type` says to a solver: flows need samples of their scale, and
    /// the reference has no formula for the noise that one implies.
    static Prediction prediction(Fields fields, LevelScale scale, DpmAlgorithm algorithm) {
        return scale == LevelScale.FLOW && algorithm.extrapolatesOriginal()
                ? Prediction.among(fields, Prediction.values())
                : Prediction.of(fields);
    }

    /// Writes the clean sample that `output` implies at level `sigma` into `into`.
    void original(
            FloatTensor output,
            FloatTensor sample,
            float sigma,
            float[] scratch,
            FloatTensor into) {
        // A flow's direction scales with the level itself, whatever the samples' scale.
        float noise = prediction == Prediction.FLOW ? sigma : scale.noise(sigma);
        prediction.original(output, sample, scale.alpha(sigma), noise, into);
        bounds.apply(into, scratch);
    }

    /// Turns `original`, a clean sample, into the noise that it implies in `sample`, in place.
    void toNoise(FloatTensor original, FloatTensor sample, float sigma) {
        float alpha = scale.alpha(sigma);
        float noise = scale.noise(sigma);
        int size = sample.shape().elements();
        for (int i = 0; i < size; i++) {
            original.set(i, (sample.get(i) - alpha * original.get(i)) / noise);
        }
    }
}
