package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// A run over noise levels, with samples of a scale that grows with them: `x = x₀ + σ ε`. The model
/// takes `x / √(σ² + 1)`.
abstract class SigmaRun implements SchedulerRun {
    /// The noise level before each call, and after the last.
    final float[] sigmas;

    private final double[] timesteps;
    private final TimestepSpacing spacing;

    /// A run through these levels.
    SigmaRun(float[] sigmas, double[] timesteps, TimestepSpacing spacing) {
        this.sigmas = sigmas;
        this.timesteps = timesteps;
        this.spacing = spacing;
    }

    @Override
    public final int calls() {
        return timesteps.length;
    }

    @Override
    public final double timestep(int call) {
        return timesteps[call];
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
        float sigma = sigmas[call];
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
