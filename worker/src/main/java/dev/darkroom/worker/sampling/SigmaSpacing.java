package dev.darkroom.worker.sampling;

import java.util.OptionalDouble;
import java.util.stream.Stream;

/// How the noise levels of a run are chosen between the greatest and the smallest, and what
/// timestep the model is told at a level between those of its training. Immutable.
///
/// Source: `_convert_to_karras`, `_convert_to_exponential`, `_convert_to_beta` and `_sigma_to_t` of
/// `schedulers/scheduling_euler_discrete.py`.
final class SigmaSpacing {
    /// The choices of the reference's `use_…_sigmas` fields.
    enum Kind {
        /// The levels at the chosen timesteps.
        TIMESTEPS,
        /// Karras et al. 2022, equation 5, with ρ = 7.
        KARRAS,
        /// Equal distances in `log σ`.
        EXPONENTIAL,
        /// Quantiles of a Beta(0.6, 0.6) distribution: Lee et al. 2024 ("Beta Sampling is All You
        /// Need").
        BETA
    }

    private static final double RHO = 7;
    private static final double BETA_SHAPE = 0.6;

    private final Kind kind;
    private final double least;
    private final double greatest;

    private SigmaSpacing(Kind kind, double least, double greatest) {
        this.kind = kind;
        this.least = least;
        this.greatest = greatest;
    }

    /// What the fields `use_karras_sigmas`, `use_exponential_sigmas`, `use_beta_sigmas`,
    /// `sigma_min` and `sigma_max` say.
    static SigmaSpacing of(Fields fields) {
        boolean karras = fields.offUnlessGiven("use_karras_sigmas");
        boolean exponential = fields.offUnlessGiven("use_exponential_sigmas");
        boolean beta = fields.offUnlessGiven("use_beta_sigmas");
        if (Stream.of(karras, exponential, beta).filter(on -> on).count() > 1) {
            throw new UnsupportedSchedulerException(
                    fields.scheduler(),
                    "use_karras_sigmas",
                    karras
                            + " with use_exponential_sigmas "
                            + exponential
                            + " and use_beta_sigmas "
                            + beta,
                    "one of the three");
        }
        Kind kind =
                karras
                        ? Kind.KARRAS
                        : exponential ? Kind.EXPONENTIAL : beta ? Kind.BETA : Kind.TIMESTEPS;
        OptionalDouble least = fields.optionalNumber("sigma_min");
        OptionalDouble greatest = fields.optionalNumber("sigma_max");
        return new SigmaSpacing(kind, least.orElse(Double.NaN), greatest.orElse(Double.NaN));
    }

    /// As [#of], for a class whose Karras levels heed no bounds.
    static SigmaSpacing withoutKarrasBounds(Fields fields) {
        SigmaSpacing spacing = of(fields);
        return spacing.kind == Kind.KARRAS
                ? new SigmaSpacing(Kind.KARRAS, Double.NaN, Double.NaN)
                : spacing;
    }

    /// The levels at the chosen timesteps, for a class that knows no other choice.
    static SigmaSpacing atTimesteps() {
        return new SigmaSpacing(Kind.TIMESTEPS, Double.NaN, Double.NaN);
    }

    /// The choice.
    Kind kind() {
        return kind;
    }

    /// `steps` levels from the greatest to the smallest; `first` and `last` hold where the
    /// configuration names no bounds.
    double[] sigmas(double first, double last, int steps) {
        double from = Double.isNaN(greatest) ? first : greatest;
        double to = Double.isNaN(least) ? last : least;
        double[] sigmas = new double[steps];
        for (int i = 0; i < steps; i++) {
            sigmas[i] =
                    switch (kind) {
                        case TIMESTEPS ->
                                throw new IllegalStateException("levels come from timesteps");
                        case KARRAS -> {
                            double ramp = TimestepSpacing.linspace(0, 1, steps, i);
                            double low = Math.pow(to, 1 / RHO);
                            double high = Math.pow(from, 1 / RHO);
                            yield Math.pow(high + ramp * (low - high), RHO);
                        }
                        case EXPONENTIAL ->
                                Math.exp(
                                        TimestepSpacing.linspace(
                                                Math.log(from), Math.log(to), steps, i));
                        case BETA -> {
                            double ramp = 1 - TimestepSpacing.linspace(0, 1, steps, i);
                            yield to + BetaDistribution.quantile(ramp, BETA_SHAPE) * (from - to);
                        }
                    };
        }
        return sigmas;
    }

    /// `table` at `t`, linear between entries and constant beyond them.
    static double interpolate(float[] table, double t) {
        int last = table.length - 1;
        if (t <= 0) {
            return table[0];
        }
        if (t >= last) {
            return table[last];
        }
        int below = (int) t;
        double slope = (double) table[below + 1] - table[below];
        return slope * (t - below) + table[below];
    }

    /// The timestep at which the noise level is `sigma`, between those of the rising table
    /// `logSigmas`.
    static double timestepOf(double sigma, float[] logSigmas) {
        double logSigma = Math.log(Math.max(sigma, 1e-10));
        int low = 0;
        for (int t = 0; t < logSigmas.length - 1; t++) {
            if (logSigma >= logSigmas[t]) {
                low = t;
            }
        }
        double weight = (logSigmas[low] - logSigma) / (logSigmas[low] - logSigmas[low + 1]);
        double clipped = Math.clamp(weight, 0, 1);
        return (1 - clipped) * low + clipped * (low + 1);
    }

    /// The natural logarithms of `sigmas`.
    static float[] logarithms(float[] sigmas) {
        float[] logarithms = new float[sigmas.length];
        for (int t = 0; t < sigmas.length; t++) {
            logarithms[t] = (float) Math.log(sigmas[t]);
        }
        return logarithms;
    }
}
