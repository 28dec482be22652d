package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// A run through the noise levels of [EdmTerms], with samples of a scale that grows with them: `x =
/// x₀ + σ ε`.
abstract class EdmRun extends LevelRun {
    private final EdmTerms terms;

    /// A run through these levels.
    EdmRun(Timeline timeline, float[] sigmas, EdmTerms terms) {
        super(timeline, sigmas);
        this.terms = terms;
    }

    @Override
    public final double initNoiseSigma() {
        return Math.sqrt(terms.greatest() * terms.greatest() + 1);
    }

    @Override
    public final void scaleModelInput(FloatTensor sample, int call, FloatTensor into) {
        float scale = terms.inputScale(sigmas[call]);
        int size = sample.shape().elements();
        for (int i = 0; i < size; i++) {
            into.set(i, sample.get(i) * scale);
        }
    }

    @Override
    public final void addNoise(FloatTensor clean, FloatTensor noise, int call, FloatTensor into) {
        float sigma = sigmas[call];
        int size = clean.shape().elements();
        for (int i = 0; i < size; i++) {
            into.set(i, clean.get(i) + noise.get(i) * sigma);
        }
    }
}
