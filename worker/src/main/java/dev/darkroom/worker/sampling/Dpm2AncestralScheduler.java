package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// As [Dpm2Scheduler], but a step ends below the next noise level and adds fresh noise up to it, as
/// k-diffusion's `sample_dpm_2_ancestral` does.
///
/// Reference: `schedulers/scheduling_k_dpm_2_ancestral_discrete.py`.
final class Dpm2AncestralScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "KDPM2AncestralDiscreteScheduler";

    private final Dpm2Levels trained;
    private final Prediction prediction;

    Dpm2AncestralScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        trained = new Dpm2Levels(fields);
        prediction = Prediction.among(fields, Prediction.EPSILON, Prediction.VELOCITY);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        Levels levels = trained.at(steps);
        float[] ends = levels.until(0);
        float[] halfway = new float[steps];
        for (int i = 0; i < steps; i++) {
            halfway[i] = Dpm2Levels.geometricMean(ends[i], down(ends, i));
            if (i + 1 < steps && !(halfway[i] > 0)) {
                // In single precision all of the next level is noise to be added.
                throw new UnsupportedSchedulerException(
                        CLASS_NAME,
                        "steps",
                        steps + ", one from noise level " + ends[i] + " to " + ends[i + 1],
                        "enough that a step ends less far below its beginning");
            }
        }
        double[] timesteps = trained.timesteps(levels, halfway);
        return new Run(
                new Timeline(CLASS_NAME, timesteps, steps, 2, options), ends, halfway, sample);
    }

    /// The noise that a step adds.
    private static float up(float[] ends, int step) {
        float from = ends[step];
        float to = ends[step + 1];
        return (float) Math.sqrt(to * to * (from * from - to * to) / (from * from));
    }

    /// The level that a step ends at before it adds noise.
    private static float down(float[] ends, int step) {
        float to = ends[step + 1];
        float up = up(ends, step);
        return (float) Math.sqrt(to * to - up * up);
    }

    /// One trajectory.
    private final class Run extends SigmaRun {
        /// The level before each step, and after the last.
        private final float[] ends;

        /// The level halfway through each step.
        private final float[] halfway;

        private final FloatTensor original;
        private final FloatTensor noise;

        // What the second call of a step remembers of the first.
        private final FloatTensor start;

        Run(Timeline timeline, float[] ends, float[] halfway, Shape sample) {
            super(timeline, TwoCalls.repeated(ends), trained.spacing());
            this.ends = ends;
            this.halfway = halfway;
            original = FloatTensor.allocate(sample);
            noise = FloatTensor.allocate(sample);
            start = FloatTensor.allocate(sample);
        }

        @Override
        float inputSigma(int call) {
            return TwoCalls.isFirst(call) ? sigmas[call] : halfway[call / 2];
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            boolean first = TwoCalls.isFirst(call);
            int step = call / 2;
            float sigma = inputSigma(call);
            float change = (first ? halfway[step] : down(ends, step)) - ends[step];
            prediction.originalAt(sigma, modelOutput, sample, original);
            if (first) {
                start.copyFrom(sample);
            }
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float derivative = (sample.get(i) - original.get(i)) / sigma;
                sample.set(i, start.get(i) + derivative * change);
            }
            if (!first) {
                float up = up(ends, step);
                generator.normal(noise);
                for (int i = 0; i < size; i++) {
                    sample.set(i, sample.get(i) + noise.get(i) * up);
                }
            }
        }
    }
}
