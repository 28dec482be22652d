package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// A run over noise levels, with samples of a scale that grows with them: `x = x₀ + σ ε`. The model
/// takes `x / √(σ² + 1)`.
abstract class SigmaRun extends LevelRun {
    private final TimestepSpacing spacing;

    /// A run through these levels.
    SigmaRun(Timeline timeline, float[] sigmas, TimestepSpacing spacing) {
        super(timeline, sigmas);
        this.spacing = spacing;
    }

    /// The noise level of the sample that the model is given at this call.
    float inputSigma(int call) {
        return sigmas[call];
    }

    @Override
    public final double initNoiseSigma() {
        float greatest = 0;
        for (float sigma : sigmas) {
            greatest = Math.max(greatest, sigma);
        }
        return switch (spacing) {
            case LINSPACE, TRAILING -> greatest;
            case LEADING -> (float) Math.sqrt(greatest * greatest + 1);
        };
    }

    @Override
    public final void scaleModelInput(FloatTensor sample, int call, FloatTensor into) {
        float sigma = inputSigma(call);
        float scale = (float) Math.sqrt(sigma * sigma + 1);
        int size = sample.shape().elements();
        for (int i = 0; i < size; i++) {
            into.set(i, sample.get(i) / scale);
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
