package dev.darkroom.worker.sampling;

/// A run through noise levels `σ`, from the greatest to the smallest.
abstract class LevelRun extends TimedRun {
    /// The noise level before each call, and after the last.
    final float[] sigmas;

    /// A run through these levels.
    LevelRun(Timeline timeline, float[] sigmas) {
        super(timeline);
        this.sigmas = sigmas;
    }
}
