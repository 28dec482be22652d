package dev.darkroom.worker.sampling;

/// The exponential integrators of Lu et al. 2022 ("DPM-Solver", "DPM-Solver++"): what they
/// extrapolate, and whether they add noise.
enum DpmAlgorithm {
    /// Clean samples: DPM-Solver++.
    ORIGINAL,
    /// Noise: DPM-Solver.
    EPSILON,
    /// Clean samples, with fresh noise: SDE-DPM-Solver++.
    STOCHASTIC_ORIGINAL,
    /// Noise, with fresh noise: SDE-DPM-Solver.
    STOCHASTIC_EPSILON;

    /// How a second-order step weighs the first difference.
    enum Solver {
        /// As the midpoint method does.
        MIDPOINT,
        /// As Heun's method does.
        HEUN;

        /// What the field `solver_type` says.
        static Solver of(Fields fields) {
            // The last three are other classes' solvers, which the reference reads as its default.
            return fields.choice("solver_type", "midpoint", "heun", "logrho", "bh1", "bh2")
                            .equals("heun")
                    ? HEUN
                    : MIDPOINT;
        }
    }

    private static final String FIELD = "algorithm_type";

    /// Another class's algorithm, which the reference reads as its default.
    private static final String FOREIGN = "deis";

    /// What the field `algorithm_type` says, for a class that has the algorithms named `legal`; the
    /// first holds by default.
    static DpmAlgorithm of(Fields fields, String... legal) {
        String name = fields.choice(FIELD, legal);
        return switch (name) {
            case "dpmsolver++", FOREIGN -> ORIGINAL;
            case "dpmsolver" -> EPSILON;
            case "sde-dpmsolver++" -> STOCHASTIC_ORIGINAL;
            case "sde-dpmsolver" -> STOCHASTIC_EPSILON;
            default -> throw new IllegalStateException("no algorithm type " + name);
        };
    }

    /// Whether a step adds noise.
    boolean addsNoise() {
        return this == STOCHASTIC_ORIGINAL || this == STOCHASTIC_EPSILON;
    }

    /// Whether clean samples are extrapolated, and not noise.
    boolean extrapolatesOriginal() {
        return this == ORIGINAL || this == STOCHASTIC_ORIGINAL;
    }

    /// Refuses what the algorithm has no formula for: to end without noise where it extrapolates
    /// noise. The reference refuses it for another class's algorithm too.
    void checkEnd(Fields fields, boolean endsAtZero) {
        if (endsAtZero && (!extrapolatesOriginal() || fields.is(FIELD, FOREIGN))) {
            throw new UnsupportedSchedulerException(
                    fields.scheduler(),
                    "final_sigmas_type",
                    "zero with this algorithm_type",
                    "sigma_min");
        }
    }
}
