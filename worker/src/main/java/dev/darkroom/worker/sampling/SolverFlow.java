package dev.darkroom.worker.sampling;

/// The noise levels of flow matching (`use_flow_sigmas`) of the solvers of DPM-Solver and DEIS.
/// Immutable.
///
/// Source: `set_timesteps` of `schedulers/scheduling_dpmsolver_multistep.py`.
final class SolverFlow {
    private static final String FIELD = "use_flow_sigmas";

    private final String scheduler;
    private final boolean used;
    private final TimeShift shift;
    private final int trained;

    /// What the fields of a class say that spaces levels as `kind` otherwise.
    SolverFlow(Fields fields, SigmaSpacing.Kind kind, int trained) {
        this.scheduler = fields.scheduler();
        this.used = fields.offUnlessGiven(FIELD);
        this.shift = TimeShift.of(fields, "flow_shift", "exponential");
        this.trained = trained;
        if (used && kind != SigmaSpacing.Kind.TIMESTEPS) {
            throw new UnsupportedSchedulerException(
                    scheduler, FIELD, "true with " + kind + " sigmas", "true without them, false");
        }
    }

    /// Whether the levels are a flow's.
    boolean used() {
        return used;
    }

    /// The scale of the samples.
    LevelScale scale() {
        return used ? LevelScale.FLOW : LevelScale.VARIANCE_PRESERVING;
    }

    /// The levels of `steps` steps.
    Levels at(int steps, SamplingOptions options) {
        TimestepSpacing.checkSteps(scheduler, steps, trained);
        if (options.flowLevels() == SamplingOptions.FlowLevels.EVEN) {
            throw new UnsupportedSchedulerException(
                    scheduler, "flowLevels", "EVEN", "OWN, EVEN_UNLESS_SOLVER");
        }
        double factor = shift.factor(options);
        double[] sigmas = new double[steps];
        double[] timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            double alpha = TimestepSpacing.linspace(1, 1 / (double) trained, steps + 1, steps - i);
            sigmas[i] = TimeShift.shifted(1 - alpha, factor);
            timesteps[i] = Math.floor(sigmas[i] * trained);
        }
        return new Levels(sigmas, timesteps);
    }
}
