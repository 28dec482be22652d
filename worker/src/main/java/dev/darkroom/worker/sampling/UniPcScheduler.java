package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.Set;

/// The unified predictor and corrector of Zhao et al. 2023 ("UniPC"), for diffusion and for flow
/// matching: every call first corrects the step before with what it learns, then predicts the next.
///
/// Reference: `schedulers/scheduling_unipc_multistep.py`. A predictor of another class (`solver_p`)
/// is refused.
final class UniPcScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "UniPCMultistepScheduler";

    /// What is left of a flow's level 1, so that its `λ` is finite.
    private static final double BELOW_ONE = 1e-6;

    /// The function `B(h)` of Zhao et al. 2023, section 3.1.
    private enum Solver {
        BH1,
        BH2
    }

    private final Denoising denoising;
    private final boolean predictsOriginal;
    private final Solver solver;
    private final int order;
    private final boolean lowerOrderFinal;
    private final boolean endsAtZero;
    private final Set<Integer> uncorrected;
    private final SolverLevels trained;
    private final int trainedTimesteps;
    private final boolean flow;
    private final TimeShift shift;

    /// The last level of a flow; NaN where it is as it comes.
    private final double terminal;

    UniPcScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        NoiseSchedule schedule =
                NoiseSchedule.rescalableWithFiniteSigma(
                        fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        trainedTimesteps = schedule.timesteps();
        predictsOriginal = fields.onUnlessGiven("predict_x0");
        // The last three are other classes' solvers, which the reference reads as its default.
        solver =
                fields.choice("solver_type", "bh2", "bh1", "midpoint", "heun", "logrho")
                                .equals("bh1")
                        ? Solver.BH1
                        : Solver.BH2;
        order = fields.integer("solver_order", 2, 1);
        lowerOrderFinal = fields.onUnlessGiven("lower_order_final");
        endsAtZero = fields.choice("final_sigmas_type", "zero", "sigma_min").equals("zero");
        checkEnd();
        uncorrected = Set.copyOf(fields.wholeNumbers("disable_corrector"));
        fields.requireNull("solver_p");
        trained = SolverLevels.of(fields, schedule);
        flow = fields.offUnlessGiven("use_flow_sigmas");
        boolean otherwise =
                switch (trained.kind()) {
                    case TIMESTEPS, KARRAS -> false;
                    case EXPONENTIAL, BETA -> true;
                };
        if (flow && otherwise) {
            throw fields.refusal("use_flow_sigmas", "false with " + trained.kind() + " sigmas");
        }
        shift = TimeShift.of(fields, "flow_shift", "exponential", "linear");
        terminal = terminal(fields);
        LevelScale scale = flow ? LevelScale.FLOW : LevelScale.VARIANCE_PRESERVING;
        DpmAlgorithm algorithm = predictsOriginal ? DpmAlgorithm.ORIGINAL : DpmAlgorithm.EPSILON;
        denoising =
                new Denoising(
                        scale,
                        Denoising.prediction(fields, scale, algorithm),
                        predictsOriginal ? SampleBounds.threshold(fields) : SampleBounds.none());
        fields.refuseUnknown();
    }

    /// Refuses what is no number at a last level of 0, where `λ` is infinite.
    private void checkEnd() {
        if (!endsAtZero) {
            return;
        }
        String field = "final_sigmas_type";
        if (!predictsOriginal) {
            throw new UnsupportedSchedulerException(
                    CLASS_NAME, field, "zero with predict_x0 false", "sigma_min");
        }
        if (solver == Solver.BH1) {
            throw new UnsupportedSchedulerException(
                    CLASS_NAME, field, "zero with solver_type bh1", "sigma_min");
        }
        if (!lowerOrderFinal && order > 1) {
            throw new UnsupportedSchedulerException(
                    CLASS_NAME, field, "zero with lower_order_final false", "sigma_min");
        }
    }

    private double terminal(Fields fields) {
        double value = fields.optionalNumber("shift_terminal").orElse(0);
        if (value >= 1 || value < 0) {
            throw fields.refusal("shift_terminal", "0 to below 1, or null");
        }
        if (value != 0 && !flow) {
            throw fields.refusal("shift_terminal", "null without use_flow_sigmas");
        }
        return value == 0 ? Double.NaN : value;
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        Levels levels = flow ? flowLevels(steps, options) : trained.at(steps);
        boolean atTimesteps = !flow && trained.kind() == SigmaSpacing.Kind.TIMESTEPS;
        double least = atTimesteps ? trained.least() : levels.sigmas[levels.steps() - 1];
        Timeline timeline = new Timeline(CLASS_NAME, levels.timesteps, levels.steps(), 1, options);
        return new Run(timeline, levels.until(endsAtZero ? 0 : least), sample);
    }

    private Levels flowLevels(int steps, SamplingOptions options) {
        TimestepSpacing.checkSteps(CLASS_NAME, steps, trainedTimesteps);
        double[] sigmas = new double[steps];
        if (trained.kind() == SigmaSpacing.Kind.KARRAS) {
            double[] exploding = trained.at(steps).sigmas;
            for (int i = 0; i < steps; i++) {
                sigmas[i] = exploding[i] / (exploding[i] + 1);
            }
        } else {
            double factor = shift.factor(options);
            boolean even =
                    switch (options.flowLevels()) {
                        case OWN, EVEN_UNLESS_SOLVER -> false;
                        case EVEN -> true;
                    };
            for (int i = 0; i < steps; i++) {
                double own =
                        even
                                ? TimestepSpacing.linspace(1, 1 / (double) steps, steps, i)
                                : TimestepSpacing.linspace(
                                        1, 1 / (double) trainedTimesteps, steps + 1, i);
                sigmas[i] = TimeShift.shifted(own, factor);
            }
            if (!Double.isNaN(terminal)) {
                shift.stretch(sigmas, terminal);
            }
            if (Math.abs(sigmas[0] - 1) < BELOW_ONE) {
                sigmas[0] -= BELOW_ONE;
            }
        }
        double[] timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = Math.floor(sigmas[i] * trainedTimesteps);
        }
        return new Levels(sigmas, timesteps);
    }

    /// One trajectory.
    private final class Run extends SolverRun {
        private final FloatTensor output;
        private final float[] scratch;

        // What is remembered between calls: outputs, the sample before the last step, and the order
        // of that step.
        private final History history;
        private final FloatTensor before;
        private int orderBefore;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, denoising.scale());
            output = FloatTensor.allocate(sample);
            scratch = denoising.bounds().scratch(sample.elements());
            history = new History(order, sample);
            Levels.requireApart(CLASS_NAME, sigmas, order);
            before = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            denoising.original(modelOutput, sample, sigmas[call], scratch, output);
            if (!predictsOriginal) {
                denoising.toNoise(output, sample, sigmas[call]);
            }
            if (history.steps() > 0 && !uncorrected.contains(call - 1)) {
                correct(call, sample);
            }
            history.add().copyFrom(output);
            int most = lowerOrderFinal ? Math.min(order, calls() - call) : order;
            orderBefore = Math.min(most, history.steps() + 1);
            before.copyFrom(sample);
            predict(call, sample);
            history.countStep();
        }

        /// Zhao et al. 2023, algorithm 2 and equation 9.
        private void predict(int call, FloatTensor sample) {
            UniPcStep step = between(call, call + 1, orderBefore, call);
            float[] weights = step.predictorWeights();
            apply(step, weights, sample);
        }

        /// Replaces `sample` by a better one at its own level: Zhao et al. 2023, algorithm 1 and
        /// equation 3.
        private void correct(int call, FloatTensor sample) {
            UniPcStep step = between(call - 1, call, orderBefore, call - 1);
            float[] weights = step.correctorWeights();
            apply(step, weights, sample);
            float ofOutput = step.ofDifferences() * weights[weights.length - 1];
            FloatTensor newest = history.last(0);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                sample.set(i, sample.get(i) - ofOutput * (output.get(i) - newest.get(i)));
            }
        }

        private UniPcStep between(int from, int to, int stepOrder, int newest) {
            float lambda = scale.lambda(sigmas[from]);
            float h = scale.lambda(sigmas[to]) - lambda;
            float[] ratios = new float[stepOrder];
            for (int age = 1; age < stepOrder; age++) {
                ratios[age - 1] = (scale.lambda(sigmas[newest - age]) - lambda) / h;
            }
            ratios[stepOrder - 1] = 1;
            float exponent = predictsOriginal ? -h : h;
            float growth = (float) Math.expm1(exponent);
            float basis =
                    switch (solver) {
                        case BH1 -> exponent;
                        case BH2 -> growth;
                    };
            float alpha = scale.alpha(sigmas[to]);
            float sigma = scale.noise(sigmas[to]);
            float ofSample =
                    predictsOriginal
                            ? sigma / scale.noise(sigmas[from])
                            : alpha / scale.alpha(sigmas[from]);
            float weight = predictsOriginal ? alpha : sigma;
            return new UniPcStep(ratios, exponent, basis, ofSample, weight);
        }

        /// Writes the sum of the sample before the step, the newest output and the differences of
        /// the older ones to it into `sample`.
        private void apply(UniPcStep step, float[] weights, FloatTensor sample) {
            FloatTensor newest = history.last(0);
            float ofOutput = step.ofOutput();
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                sample.set(i, step.ofSample() * before.get(i) - ofOutput * newest.get(i));
            }
            for (int age = 1; age < step.order(); age++) {
                FloatTensor older = history.last(age);
                float weight = step.ofDifferences() * weights[age - 1] / step.ratio(age);
                for (int i = 0; i < size; i++) {
                    float difference = older.get(i) - newest.get(i);
                    sample.set(i, sample.get(i) - weight * difference);
                }
            }
        }
    }
}
