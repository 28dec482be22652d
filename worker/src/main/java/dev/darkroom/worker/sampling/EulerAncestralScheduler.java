package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Euler's method that steps below the next noise level and adds fresh noise up to it, with the
/// split of Song et al. 2020 (equation 16, η = 1), as k-diffusion's `sample_euler_ancestral` has
/// it.
///
/// Reference: `schedulers/scheduling_euler_ancestral_discrete.py`.
final class EulerAncestralScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "EulerAncestralDiscreteScheduler";

    private final TrainedLevels trained;
    private final Prediction prediction;

    EulerAncestralScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        NoiseSchedule schedule =
                NoiseSchedule.rescalableWithFiniteSigma(
                        fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        trained = new TrainedLevels(fields, schedule, SigmaSpacing.atTimesteps());
        prediction = Prediction.among(fields, Prediction.EPSILON, Prediction.VELOCITY);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        Levels levels = trained.at(steps);
        Timeline timeline = new Timeline(CLASS_NAME, levels.timesteps, steps, 1, options);
        return new Run(timeline, levels.until(0), sample);
    }

    /// One trajectory. It remembers nothing between calls: its tensors are scratch.
    private final class Run extends SigmaRun {
        private final FloatTensor original;
        private final FloatTensor noise;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, trained.spacing());
            original = FloatTensor.allocate(sample);
            noise = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            float from = sigmas[call];
            float to = sigmas[call + 1];
            float up = (float) Math.sqrt(to * to * (from * from - to * to) / (from * from));
            float down = (float) Math.sqrt(to * to - up * up);
            float change = down - from;
            prediction.originalAt(from, modelOutput, sample, original);
            generator.normal(noise);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float x = sample.get(i);
                sample.set(i, x + (x - original.get(i)) / from * change + noise.get(i) * up);
            }
        }
    }
}
