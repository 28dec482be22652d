package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// A run through noise levels whose samples have the scale that the model takes.
abstract class SolverRun extends LevelRun {
    /// How large clean sample and noise are.
    final LevelScale scale;

    /// A run through these levels.
    SolverRun(Timeline timeline, float[] sigmas, LevelScale scale) {
        super(timeline, sigmas);
        this.scale = scale;
    }

    @Override
    public final double initNoiseSigma() {
        return 1;
    }

    @Override
    public final void scaleModelInput(FloatTensor sample, int call, FloatTensor into) {
        into.copyFrom(sample);
    }

    @Override
    public final void addNoise(FloatTensor clean, FloatTensor noise, int call, FloatTensor into) {
        float alpha = scale.alpha(sigmas[call]);
        float sigma = scale.noise(sigmas[call]);
        int size = clean.shape().elements();
        for (int i = 0; i < size; i++) {
            into.set(i, alpha * clean.get(i) + sigma * noise.get(i));
        }
    }
}
