package dev.darkroom.worker.sampling;

/// A run over whole timesteps of a [NoiseSchedule], with samples of the scale that the model takes:
/// `x = √ᾱ x₀ + √(1 − ᾱ) ε`.
abstract class DiscreteRun extends TimedRun implements VariancePreservingRun {
    /// The noise at each timestep.
    final NoiseSchedule schedule;

    /// The timestep of each call.
    final int[] timesteps;

    /// A run over these timesteps, those of `timeline`.
    DiscreteRun(NoiseSchedule schedule, int[] timesteps, Timeline timeline) {
        super(timeline);
        this.schedule = schedule;
        this.timesteps = timesteps;
    }

    @Override
    public final float alpha(int call) {
        return (float) Math.sqrt(schedule.alphaBar(timesteps[call]));
    }

    @Override
    public final float sigma(int call) {
        return (float) Math.sqrt(1 - schedule.alphaBar(timesteps[call]));
    }
}
