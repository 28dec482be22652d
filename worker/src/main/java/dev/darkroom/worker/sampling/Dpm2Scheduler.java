package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// The second-order method of Lu et al. 2022 ("DPM-Solver"), algorithm 1, in the form of Karras et
/// al. 2022, algorithm 2, that k-diffusion's `sample_dpm_2` has. A step calls the model where it
/// begins and at the geometric mean of the levels where it begins and ends; the last one is
/// Euler's.
///
/// Reference: `schedulers/scheduling_k_dpm_2_discrete.py`.
final class Dpm2Scheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "KDPM2DiscreteScheduler";

    private final Dpm2Levels trained;
    private final Prediction prediction;

    Dpm2Scheduler(SchedulerConfig config) {
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
            halfway[i] = Dpm2Levels.geometricMean(ends[i], ends[i + 1]);
        }
        double[] timesteps = trained.timesteps(levels, halfway);
        return new Run(
                new Timeline(CLASS_NAME, timesteps, steps, 2, options), ends, halfway, sample);
    }

    /// One trajectory.
    private final class Run extends SigmaRun {
        /// The level halfway through each step.
        private final float[] halfway;

        private final FloatTensor original;

        // What the second call of a step remembers of the first.
        private final FloatTensor start;

        Run(Timeline timeline, float[] ends, float[] halfway, Shape sample) {
            super(timeline, TwoCalls.repeated(ends), trained.spacing());
            this.halfway = halfway;
            original = FloatTensor.allocate(sample);
            start = FloatTensor.allocate(sample);
        }

        @Override
        float inputSigma(int call) {
            return TwoCalls.isFirst(call) ? sigmas[call] : halfway[call / 2];
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            boolean first = TwoCalls.isFirst(call);
            float sigma = inputSigma(call);
            float from = first ? sigma : sigmas[call - 1];
            float to = first ? halfway[call / 2] : sigmas[call];
            prediction.originalAt(sigma, modelOutput, sample, original);
            if (first) {
                start.copyFrom(sample);
            }
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float derivative = (sample.get(i) - original.get(i)) / sigma;
                sample.set(i, start.get(i) + derivative * (to - from));
            }
        }
    }
}
