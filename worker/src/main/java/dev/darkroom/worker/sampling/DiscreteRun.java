package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// A run over whole timesteps of a [NoiseSchedule], with samples of the scale that the model takes:
/// `x = √ᾱ x₀ + √(1 − ᾱ) ε`.
abstract class DiscreteRun extends TimedRun {
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
    public final double initNoiseSigma() {
        return 1;
    }

    @Override
    public final void scaleModelInput(FloatTensor sample, int call, FloatTensor into) {
        into.copyFrom(sample);
    }

    @Override
    public final void addNoise(FloatTensor clean, FloatTensor noise, int call, FloatTensor into) {
        float alphaBar = schedule.alphaBar(timesteps[call]);
        float alpha = (float) Math.sqrt(alphaBar);
        float sigma = (float) Math.sqrt(1 - alphaBar);
        int size = clean.shape().elements();
        for (int i = 0; i < size; i++) {
            into.set(i, alpha * clean.get(i) + sigma * noise.get(i));
        }
    }
}
