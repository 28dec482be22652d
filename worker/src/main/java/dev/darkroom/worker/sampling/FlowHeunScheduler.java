package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Heun's method (Karras et al. 2022, algorithm 1) on the straight lines of flow matching. A step
/// calls the model where it begins and where Euler's method would end; the last one is Euler's.
///
/// Reference: `schedulers/scheduling_flow_match_heun_discrete.py`, which has one way to choose
/// noise levels.
final class FlowHeunScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "FlowMatchHeunDiscreteScheduler";

    private final FlowLevels levels;
    private final double factor;

    FlowHeunScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        // The reference fails at the mu that its pipelines then give.
        if (fields.offUnlessGiven("use_dynamic_shifting")) {
            throw fields.refusal("use_dynamic_shifting", "false");
        }
        factor = fields.number("shift", 1);
        if (!(factor > 0)) {
            throw fields.refusal("shift", "above 0");
        }
        levels = new FlowLevels(fields, factor);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        if (options.flowLevels() != SamplingOptions.FlowLevels.OWN) {
            throw new UnsupportedSchedulerException(
                    CLASS_NAME, "flowLevels", "" + options.flowLevels(), "OWN");
        }
        double[] spaced = levels.own(steps);
        float[] sigmas = new float[steps + 1];
        double[] timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            sigmas[i] = (float) TimeShift.shifted(spaced[i], factor);
            timesteps[i] = sigmas[i] * levels.trained();
        }
        Timeline timeline =
                new Timeline(CLASS_NAME, TwoCalls.repeated(timesteps), steps, 2, options);
        return new Run(timeline, TwoCalls.repeated(sigmas), sample);
    }

    /// One trajectory.
    private static final class Run extends SolverRun {
        // What the second call of a step remembers of the first.
        private final FloatTensor start;
        private final FloatTensor slope;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, LevelScale.FLOW);
            start = FloatTensor.allocate(sample);
            slope = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            float sigma = sigmas[call];
            int size = sample.shape().elements();
            if (TwoCalls.isFirst(call)) {
                float change = sigmas[call + 1] - sigma;
                start.copyFrom(sample);
                slope.copyFrom(modelOutput);
                for (int i = 0; i < size; i++) {
                    sample.set(i, sample.get(i) + modelOutput.get(i) * change);
                }
                return;
            }
            float change = sigma - sigmas[call - 1];
            for (int i = 0; i < size; i++) {
                float mean = 0.5f * (slope.get(i) + modelOutput.get(i));
                sample.set(i, start.get(i) + mean * change);
            }
        }
    }
}
