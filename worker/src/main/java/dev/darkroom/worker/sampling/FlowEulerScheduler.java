package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Euler's method on the straight lines of flow matching: Lipman et al. 2022; Esser et al. 2024. Or
/// (`stochastic_sampling`) each step predicts the clean sample and noises it anew.
///
/// Reference: `schedulers/scheduling_flow_match_euler_discrete.py`.
final class FlowEulerScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "FlowMatchEulerDiscreteScheduler";

    private final FlowLevels levels;
    private final TimeShift shift;
    private final SigmaSpacing sigmaSpacing;
    private final boolean inverted;
    private final boolean stochastic;

    /// The last level; NaN where it is as it comes.
    private final double terminal;

    FlowEulerScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        boolean dynamic = fields.offUnlessGiven("use_dynamic_shifting");
        double shiftOfTraining = fields.number("shift", 1);
        shift = TimeShift.of(fields, "shift", "exponential", "linear");
        levels = new FlowLevels(fields, dynamic ? 1 : shiftOfTraining);
        if (dynamic) {
            DynamicShift.check(fields);
        }
        terminal = terminal(fields);
        sigmaSpacing = SigmaSpacing.of(fields);
        inverted = fields.offUnlessGiven("invert_sigmas");
        stochastic = fields.offUnlessGiven("stochastic_sampling");
        fields.refuseUnknown();
    }

    private static double terminal(Fields fields) {
        double value = fields.optionalNumber("shift_terminal").orElse(0);
        if (value >= 1 || value < 0) {
            throw fields.refusal("shift_terminal", "0 to below 1, or null");
        }
        return value == 0 ? Double.NaN : value;
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        boolean even =
                switch (options.flowLevels()) {
                    case OWN -> false;
                    case EVEN, EVEN_UNLESS_SOLVER -> true;
                };
        double[] spaced = even ? levels.even(steps) : levels.own(steps);
        double factor = shift.factor(options);
        for (int i = 0; i < steps; i++) {
            spaced[i] = TimeShift.shifted(spaced[i], factor);
        }
        if (!Double.isNaN(terminal)) {
            shift.stretch(spaced, terminal);
        }
        if (sigmaSpacing.kind() != SigmaSpacing.Kind.TIMESTEPS) {
            spaced = sigmaSpacing.sigmas(spaced[0], spaced[steps - 1], steps);
        }
        float[] sigmas = new float[steps + 1];
        double[] timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            sigmas[i] = inverted ? 1 - (float) spaced[i] : (float) spaced[i];
            timesteps[i] = sigmas[i] * levels.trained();
        }
        sigmas[steps] = inverted ? 1 : 0;
        return new Run(new Timeline(CLASS_NAME, timesteps, steps, 1, options), sigmas, sample);
    }

    /// One trajectory. It remembers nothing between calls: its tensor is scratch.
    private final class Run extends SolverRun {
        private final FloatTensor noise;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, LevelScale.FLOW);
            noise = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            float sigma = sigmas[call];
            float next = sigmas[call + 1];
            int size = sample.shape().elements();
            if (!stochastic) {
                float change = next - sigma;
                for (int i = 0; i < size; i++) {
                    sample.set(i, sample.get(i) + change * modelOutput.get(i));
                }
                return;
            }
            generator.normal(noise);
            for (int i = 0; i < size; i++) {
                float original = sample.get(i) - sigma * modelOutput.get(i);
                sample.set(i, (1 - next) * original + next * noise.get(i));
            }
        }
    }
}
