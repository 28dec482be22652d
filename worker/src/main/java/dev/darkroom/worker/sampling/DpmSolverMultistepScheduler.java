package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// The multistep solvers of orders 1 to 3 of Lu et al. 2022 ("DPM-Solver", "DPM-Solver++"),
/// deterministic and stochastic.
///
/// Reference: `schedulers/scheduling_dpmsolver_multistep.py`. Flow matching (`use_flow_sigmas`) is
/// refused.
final class DpmSolverMultistepScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "DPMSolverMultistepScheduler";

    /// Runs with fewer calls than this end with lower orders (`lower_order_final`).
    private static final int FEW_CALLS = 15;

    /// What the solver extrapolates, and whether it adds noise.
    private enum Algorithm {
        /// Clean samples: DPM-Solver++.
        ORIGINAL,
        /// Noise: DPM-Solver.
        EPSILON,
        /// Clean samples, with fresh noise: SDE-DPM-Solver++.
        STOCHASTIC_ORIGINAL,
        /// Noise, with fresh noise: SDE-DPM-Solver.
        STOCHASTIC_EPSILON;

        boolean addsNoise() {
            return this == STOCHASTIC_ORIGINAL || this == STOCHASTIC_EPSILON;
        }

        boolean extrapolatesOriginal() {
            return this == ORIGINAL || this == STOCHASTIC_ORIGINAL;
        }
    }

    private enum Solver {
        MIDPOINT,
        HEUN
    }

    private final NoiseSchedule schedule;
    private final float[] table;
    private final float[] logTable;
    private final Prediction prediction;
    private final SampleBounds bounds;
    private final Algorithm algorithm;
    private final Solver solver;
    private final int order;
    private final TimestepSpacing spacing;
    private final int offset;
    private final SigmaSpacing sigmaSpacing;
    private final boolean luLambdas;
    private final boolean roundsTimesteps;
    private final double lambdaMin;
    private final boolean lowerOrderFinal;
    private final boolean eulerAtFinal;
    private final boolean endsAtZero;

    DpmSolverMultistepScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        schedule =
                NoiseSchedule.rescalableWithFiniteSigma(
                        fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        table = schedule.sigmas();
        logTable = SigmaSpacing.logarithms(table);
        prediction = Prediction.of(fields);
        bounds = SampleBounds.threshold(fields);
        algorithm = algorithm(fields);
        // The last three are other classes' solvers, which the reference reads as its default.
        solver =
                fields.choice("solver_type", "midpoint", "heun", "logrho", "bh1", "bh2")
                                .equals("heun")
                        ? Solver.HEUN
                        : Solver.MIDPOINT;
        order = fields.integer("solver_order", 2, 1);
        int greatest = algorithm == Algorithm.STOCHASTIC_EPSILON ? 2 : 3;
        if (order > greatest) {
            throw fields.refusal("solver_order", "1 to " + greatest);
        }
        spacing = TimestepSpacing.of(fields, TimestepSpacing.LINSPACE);
        offset = fields.integer("steps_offset", 0, 0);
        sigmaSpacing = SigmaSpacing.of(fields);
        luLambdas =
                fields.offUnlessGiven("use_lu_lambdas")
                        && sigmaSpacing.kind() != SigmaSpacing.Kind.KARRAS;
        roundsTimesteps = !fields.is("beta_schedule", "squaredcos_cap_v2");
        lambdaMin = fields.lowerBound("lambda_min_clipped");
        lowerOrderFinal = fields.onUnlessGiven("lower_order_final");
        eulerAtFinal = fields.offUnlessGiven("euler_at_final");
        endsAtZero = fields.choice("final_sigmas_type", "zero", "sigma_min").equals("zero");
        if (endsAtZero && !algorithm.extrapolatesOriginal()) {
            throw new UnsupportedSchedulerException(
                    CLASS_NAME, "final_sigmas_type", "zero with this algorithm_type", "sigma_min");
        }
        if (fields.offUnlessGiven("use_flow_sigmas")) {
            throw fields.refusal("use_flow_sigmas", "false");
        }
        fields.refuseUnknown();
    }

    private static Algorithm algorithm(Fields fields) {
        String name =
                fields.choice(
                        "algorithm_type",
                        "dpmsolver++",
                        "dpmsolver",
                        "sde-dpmsolver++",
                        "sde-dpmsolver",
                        "deis");
        return switch (name) {
            // "deis" is another class's algorithm, which the reference reads as its default.
            case "dpmsolver++", "deis" -> Algorithm.ORIGINAL;
            case "dpmsolver" -> Algorithm.EPSILON;
            case "sde-dpmsolver++" -> Algorithm.STOCHASTIC_ORIGINAL;
            case "sde-dpmsolver" -> Algorithm.STOCHASTIC_EPSILON;
            default -> throw new IllegalStateException("no algorithm type " + name);
        };
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNoEta(CLASS_NAME);
        double[] timesteps = spaced(steps);
        double[] levels;
        if (luLambdas) {
            levels = new double[steps];
            for (int i = 0; i < steps; i++) {
                levels[i] =
                        Math.exp(
                                TimestepSpacing.linspace(
                                        logTable[logTable.length - 1], logTable[0], steps, i));
            }
            timesteps = timestepsOf(levels);
        } else if (sigmaSpacing.kind() != SigmaSpacing.Kind.TIMESTEPS) {
            levels = sigmaSpacing.sigmas(table[table.length - 1], table[0], steps);
            timesteps = timestepsOf(levels);
        } else {
            levels = new double[timesteps.length];
            for (int i = 0; i < levels.length; i++) {
                levels[i] = SigmaSpacing.interpolate(table, timesteps[i]);
            }
        }
        float[] sigmas = new float[levels.length + 1];
        for (int i = 0; i < levels.length; i++) {
            sigmas[i] = (float) levels[i];
        }
        sigmas[levels.length] = endsAtZero ? 0 : table[0];
        return new Run(sigmas, timesteps, sample);
    }

    /// The whole timesteps that the spacing chooses: one more than needed, and the last, 0, left
    /// out.
    private double[] spaced(int steps) {
        TimestepSpacing.checkSteps(CLASS_NAME, steps, schedule.timesteps());
        int last = schedule.timesteps() - clipped();
        double ratio = schedule.timesteps() / (double) steps;
        double[] timesteps =
                new double
                        [spacing == TimestepSpacing.TRAILING
                                ? (int) Math.ceil(last / ratio - 1e-9)
                                : steps];
        if (spacing == TimestepSpacing.LEADING && last < steps + 1) {
            throw new UnsupportedSchedulerException(
                    CLASS_NAME,
                    "steps",
                    steps + " with timestep_spacing leading",
                    "1 to " + (last - 1));
        }
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] =
                    switch (spacing) {
                        case LINSPACE ->
                                Math.rint(
                                        TimestepSpacing.linspace(
                                                0, last - 1, steps + 1, steps - i));
                        case LEADING -> (steps - i) * (last / (steps + 1)) + offset;
                        case TRAILING -> TimestepSpacing.trailing(i, last, ratio);
                    };
        }
        return timesteps;
    }

    /// How many of the noisiest timesteps lie below the bound on `λ = log(α / σ)`.
    private int clipped() {
        int count = 0;
        for (int t = 0; t < schedule.timesteps(); t++) {
            float alpha = (float) Math.sqrt(schedule.alphaBar(t));
            float sigma = (float) Math.sqrt(1 - schedule.alphaBar(t));
            if ((float) Math.log(alpha) - (float) Math.log(sigma) < lambdaMin) {
                count++;
            }
        }
        return count;
    }

    private double[] timestepsOf(double[] levels) {
        boolean rounds =
                roundsTimesteps && (luLambdas || sigmaSpacing.kind() == SigmaSpacing.Kind.KARRAS);
        double[] timesteps = new double[levels.length];
        for (int i = 0; i < levels.length; i++) {
            double timestep = SigmaSpacing.timestepOf(levels[i], logTable);
            timesteps[i] = rounds ? Math.rint(timestep) : Math.floor(timestep);
        }
        return timesteps;
    }

    /// `α` at noise level `sigma`, where `x = α x₀ + α sigma ε`.
    private static float alphaAt(float sigma) {
        return 1 / (float) Math.sqrt(sigma * sigma + 1);
    }

    /// `λ = log(α / (α sigma))` at noise level `sigma`, in the reference's rounding.
    private static float lambdaAt(float sigma) {
        float alpha = alphaAt(sigma);
        return (float) Math.log(alpha) - (float) Math.log(sigma * alpha);
    }

    /// One trajectory.
    final class Run implements SchedulerRun {
        final float[] sigmas;
        private final double[] timesteps;
        private final FloatTensor noise;
        private final float[] scratch;

        // What is remembered between calls.
        private final History history;

        Run(float[] sigmas, double[] timesteps, Shape sample) {
            this.sigmas = sigmas;
            this.timesteps = timesteps;
            this.noise = FloatTensor.allocate(sample);
            this.scratch = bounds.scratch(sample.elements());
            this.history = new History(order, sample);
        }

        @Override
        public int calls() {
            return timesteps.length;
        }

        @Override
        public double timestep(int call) {
            return timesteps[call];
        }

        @Override
        public double initNoiseSigma() {
            return 1;
        }

        @Override
        public void scaleModelInput(FloatTensor sample, int call, FloatTensor into) {
            into.copyFrom(sample);
        }

        @Override
        public void addNoise(FloatTensor clean, FloatTensor noise, int call, FloatTensor into) {
            float alpha = alphaAt(sigmas[call]);
            float sigma = sigmas[call] * alpha;
            int size = clean.shape().elements();
            for (int i = 0; i < size; i++) {
                into.set(i, alpha * clean.get(i) + sigma * noise.get(i));
            }
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            remember(modelOutput, call, sample);
            if (algorithm.addsNoise()) {
                generator.normal(noise);
            }
            update(orderAt(call), call, sample);
            history.countStep();
        }

        private int orderAt(int call) {
            boolean few = lowerOrderFinal && calls() < FEW_CALLS;
            boolean lastIsFirstOrder = call == calls() - 1 && (eulerAtFinal || few || endsAtZero);
            int possible = Math.min(order, history.steps() + 1);
            if (lastIsFirstOrder) {
                return 1;
            }
            return few && call == calls() - 2 ? Math.min(possible, 2) : possible;
        }

        /// Adds what the algorithm extrapolates to the history.
        private void remember(FloatTensor modelOutput, int call, FloatTensor sample) {
            float alpha = alphaAt(sigmas[call]);
            float sigma = sigmas[call] * alpha;
            FloatTensor remembered = history.add();
            prediction.original(modelOutput, sample, alpha, sigma, remembered);
            bounds.apply(remembered, scratch);
            if (algorithm.extrapolatesOriginal()) {
                return;
            }
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                remembered.set(i, (sample.get(i) - alpha * remembered.get(i)) / sigma);
            }
        }

        /// A sum of the sample, the newest output, its first and second differences, and noise: Lu
        /// et al. 2022 (DPM-Solver++), algorithm 2, and the reference's variants of it.
        private void update(int order, int call, FloatTensor sample) {
            float alpha = alphaAt(sigmas[call + 1]);
            float sigma = sigmas[call + 1] * alpha;
            float alphaBefore = alphaAt(sigmas[call]);
            float sigmaBefore = sigmas[call] * alphaBefore;
            float lambda = lambdaAt(sigmas[call]);
            float h = lambdaAt(sigmas[call + 1]) - lambda;

            float ofSample = 0;
            float scale = 0; // of everything that is extrapolated
            float exponent = 0; // the h of this algorithm's exponential integrator
            float ofNoise = 0;
            switch (algorithm) {
                case ORIGINAL -> {
                    ofSample = sigma / sigmaBefore;
                    scale = alpha;
                    exponent = -h;
                }
                case EPSILON -> {
                    ofSample = alpha / alphaBefore;
                    scale = sigma;
                    exponent = h;
                }
                case STOCHASTIC_ORIGINAL -> {
                    ofSample = sigma / sigmaBefore * (float) Math.exp(-h);
                    scale = alpha;
                    exponent = -2 * h;
                    ofNoise = sigma * (float) Math.sqrt(1 - (float) Math.exp(-2 * h));
                }
                case STOCHASTIC_EPSILON -> {
                    ofSample = alpha / alphaBefore;
                    scale = 2 * sigma;
                    exponent = h;
                    ofNoise = sigma * (float) Math.sqrt((float) Math.exp(2 * h) - 1);
                }
            }
            float growth = (float) Math.exp(exponent) - 1;
            float ofNewest = -scale * growth;
            float ofFirst =
                    order == 2 && solver == Solver.MIDPOINT
                            ? 0.5f * ofNewest
                            : -scale * (growth / exponent - 1);
            int size = sample.shape().elements();
            FloatTensor newest = history.last(0);
            switch (order) {
                case 1 -> {
                    for (int i = 0; i < size; i++) {
                        sample.set(i, ofSample * sample.get(i) + ofNewest * newest.get(i));
                    }
                }
                case 2 -> {
                    FloatTensor second = history.last(1);
                    float r = (lambda - lambdaAt(sigmas[call - 1])) / h;
                    for (int i = 0; i < size; i++) {
                        float difference = (newest.get(i) - second.get(i)) / r;
                        sample.set(
                                i,
                                ofSample * sample.get(i)
                                        + ofNewest * newest.get(i)
                                        + ofFirst * difference);
                    }
                }
                default -> {
                    FloatTensor second = history.last(1);
                    FloatTensor third = history.last(2);
                    float lambdaSecond = lambdaAt(sigmas[call - 1]);
                    float r0 = (lambda - lambdaSecond) / h;
                    float r1 = (lambdaSecond - lambdaAt(sigmas[call - 2])) / h;
                    float ofSecond = secondDifference(scale, growth, exponent);
                    for (int i = 0; i < size; i++) {
                        float recent = (newest.get(i) - second.get(i)) / r0;
                        float bend = recent - (second.get(i) - third.get(i)) / r1;
                        float first = recent + r0 / (r0 + r1) * bend;
                        sample.set(
                                i,
                                ofSample * sample.get(i)
                                        + ofNewest * newest.get(i)
                                        + ofFirst * first
                                        + ofSecond * (bend / (r0 + r1)));
                    }
                }
            }
            if (algorithm.addsNoise()) {
                for (int i = 0; i < size; i++) {
                    sample.set(i, sample.get(i) + ofNoise * noise.get(i));
                }
            }
        }

        private float secondDifference(float scale, float growth, float exponent) {
            // The reference adds the half for this one algorithm; a Taylor series would subtract
            // it.
            float half = algorithm == Algorithm.STOCHASTIC_ORIGINAL ? -0.5f : 0.5f;
            return -scale * ((growth - exponent) / (exponent * exponent) - half);
        }
    }
}
