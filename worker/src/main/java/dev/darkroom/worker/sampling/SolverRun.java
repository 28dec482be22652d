package dev.darkroom.worker.sampling;

/// A run through noise levels whose samples have the scale that the model takes.
abstract class SolverRun extends LevelRun implements VariancePreservingRun {
    /// How large clean sample and noise are.
    final LevelScale scale;

    /// A run through these levels.
    SolverRun(Timeline timeline, float[] sigmas, LevelScale scale) {
        super(timeline, sigmas);
        this.scale = scale;
    }

    @Override
    public final float alpha(int call) {
        return scale.alpha(sigmas[call]);
    }

    @Override
    public final float sigma(int call) {
        return scale.noise(sigmas[call]);
    }
}
