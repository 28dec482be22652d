package dev.darkroom.worker.sampling;

import org.jspecify.annotations.Nullable;

/// The shift of a flow's noise levels towards noise, the more the larger the picture: `σ` becomes
/// `s σ / (1 + (s − 1) σ)`. Immutable.
///
/// Source: Esser et al. 2024 ("Scaling Rectified Flow Transformers for High-Resolution Image
/// Synthesis"), equation 23; `time_shift` of `schedulers/scheduling_flow_match_euler_discrete.py`,
/// whose forms are this one with `s = exp(mu)` and `s = mu`.
final class TimeShift {
    private static final String DYNAMIC = "use_dynamic_shifting";

    private enum Kind {
        STATIC,
        EXPONENTIAL,
        LINEAR
    }

    private final String scheduler;
    private final Kind kind;
    private final double factor;

    private TimeShift(String scheduler, Kind kind, double factor) {
        this.scheduler = scheduler;
        this.kind = kind;
        this.factor = factor;
    }

    /// What the fields of a class say whose field `shift` holds the factor.
    ///
    /// @param types of `time_shift_type` that the class has; the first holds by default
    static TimeShift of(Fields fields, String shift, String... types) {
        double factor = fields.number(shift, 1);
        if (!(factor > 0)) {
            throw fields.refusal(shift, "above 0");
        }
        boolean dynamic = fields.offUnlessGiven(DYNAMIC);
        // Without dynamic shifting the type changes nothing.
        String type =
                dynamic
                        ? fields.choice("time_shift_type", types)
                        : fields.choice("time_shift_type", "exponential", "linear");
        Kind kind = !dynamic ? Kind.STATIC : type.equals("linear") ? Kind.LINEAR : Kind.EXPONENTIAL;
        return new TimeShift(fields.scheduler(), kind, factor);
    }

    /// The factor `s` of a run.
    double factor(SamplingOptions options) {
        return switch (kind) {
            case STATIC -> factor;
            case EXPONENTIAL -> Math.exp(mu(options));
            case LINEAR -> mu(options);
        };
    }

    private double mu(SamplingOptions options) {
        @Nullable Double mu = options.mu();
        if (mu == null) {
            throw new UnsupportedSchedulerException(
                    scheduler, DYNAMIC, "true without a mu for the picture's size", "with one");
        }
        return mu;
    }

    /// The level that `sigma` becomes.
    static double shifted(double sigma, double factor) {
        return factor * sigma / (1 + (factor - 1) * sigma);
    }

    /// Moves levels, in place, so that the last is `terminal` and what is 1 stays: LTX-Video's
    /// stretch.
    ///
    /// Source: `stretch_shift_to_terminal` of `schedulers/scheduling_flow_match_euler_discrete.py`.
    void stretch(double[] sigmas, double terminal) {
        double scale = (1 - sigmas[sigmas.length - 1]) / (1 - terminal);
        if (scale == 0) {
            throw new UnsupportedSchedulerException(
                    scheduler,
                    "steps",
                    sigmas.length + " with shift_terminal " + terminal,
                    "at least 2: the only noise level is 1, which no stretch moves");
        }
        for (int i = 0; i < sigmas.length; i++) {
            sigmas[i] = 1 - (1 - sigmas[i]) / scale;
        }
    }
}
