package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Heun's method on the probability-flow equation: Karras et al. 2022, algorithm 1. A step calls
/// the model where it begins and where Euler's method would end; the last one is Euler's.
///
/// Reference: `schedulers/scheduling_heun_discrete.py`.
final class HeunScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "HeunDiscreteScheduler";

    private final TrainedLevels trained;
    private final Prediction prediction;
    private final SampleBounds bounds;

    HeunScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        NoiseSchedule schedule =
                NoiseSchedule.latent(fields, "linear", "scaled_linear", "squaredcos_cap_v2", "exp");
        trained = new TrainedLevels(fields, schedule, SigmaSpacing.of(fields));
        prediction = Prediction.of(fields);
        bounds = SampleBounds.clipping(fields);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        Levels levels = trained.at(steps);
        double[] timesteps = TwoCalls.repeated(levels.timesteps);
        Timeline timeline = new Timeline(CLASS_NAME, timesteps, steps, 2, options);
        return new Run(timeline, TwoCalls.repeated(levels.until(0)), sample);
    }

    /// One trajectory.
    private final class Run extends SigmaRun {
        private final FloatTensor original;
        private final float[] scratch;

        // What the second call of a step remembers of the first.
        private final FloatTensor start;
        private final FloatTensor slope;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, trained.spacing());
            original = FloatTensor.allocate(sample);
            scratch = bounds.scratch(sample.elements());
            start = FloatTensor.allocate(sample);
            slope = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            float sigma = sigmas[call];
            prediction.originalAt(sigma, modelOutput, sample, original);
            bounds.apply(original, scratch);
            int size = sample.shape().elements();
            if (TwoCalls.isFirst(call)) {
                float change = sigmas[call + 1] - sigma;
                start.copyFrom(sample);
                for (int i = 0; i < size; i++) {
                    float x = sample.get(i);
                    float derivative = (x - original.get(i)) / sigma;
                    slope.set(i, derivative);
                    sample.set(i, x + derivative * change);
                }
                return;
            }
            float change = sigma - sigmas[call - 1];
            for (int i = 0; i < size; i++) {
                float derivative = (sample.get(i) - original.get(i)) / sigma;
                sample.set(i, start.get(i) + (slope.get(i) + derivative) / 2 * change);
            }
        }
    }
}
