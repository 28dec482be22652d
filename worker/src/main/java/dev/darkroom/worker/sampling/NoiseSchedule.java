package dev.darkroom.worker.sampling;

import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/// How much noise there is at each timestep that the model was trained with: `ᾱ`, from the `β` that
/// the configuration names or lists. Immutable.
///
/// Source of the formulas: `schedulers/scheduling_ddpm.py`; of its schedules: Ho et al. 2020,
/// section 4 (linear); the code of Rombach et al. 2022 (scaled linear); Nichol and Dhariwal 2021,
/// equation 17 (cosine); Hang et al. 2024, "Improved Noise Schedule for Diffusion Training"
/// (Laplace); Xu et al. 2022, "GeoDiff" (sigmoid).
final class NoiseSchedule {
    /// `β` of the cosine schedule stays below this (Nichol and Dhariwal 2021, section 3.2).
    private static final double GREATEST_BETA = 0.999;

    private final float[] alphaBar;

    /// The least and the greatest `β` where the configuration gives none: it depends on the class.
    private record Range(double start, double end) {
        static final Range PIXELS = new Range(0.0001, 0.02);
        static final Range LATENTS = new Range(0.00085, 0.012);
    }

    private NoiseSchedule(float[] alphaBar) {
        this.alphaBar = alphaBar;
    }

    /// The schedule of a class that takes the schedules named `legal` (the first holds by default)
    /// and cannot rescale them.
    static NoiseSchedule of(Fields fields, String... legal) {
        return new NoiseSchedule(cumulated(betas(fields, Range.PIXELS, legal)));
    }

    /// As [#of], for a class whose default range of `β` is that of latent models.
    static NoiseSchedule latent(Fields fields, String... legal) {
        return new NoiseSchedule(cumulated(betas(fields, Range.LATENTS, legal)));
    }

    /// As [#of], for a class that can rescale the last timestep to pure noise.
    ///
    /// Source: Lin et al. 2023 ("Common Diffusion Noise Schedules and Sample Steps are Flawed"),
    /// algorithm 1.
    static NoiseSchedule rescalable(Fields fields, String... legal) {
        return rescalable(fields, Range.PIXELS, legal);
    }

    /// As [#rescalable], for a class whose default range of `β` is that of latent models.
    static NoiseSchedule latentRescalable(Fields fields, String... legal) {
        return rescalable(fields, Range.LATENTS, legal);
    }

    private static NoiseSchedule rescalable(Fields fields, Range otherwise, String... legal) {
        float[] betas = betas(fields, otherwise, legal);
        boolean rescale = fields.offUnlessGiven("rescale_betas_zero_snr");
        return new NoiseSchedule(cumulated(rescale ? rescaled(betas) : betas));
    }

    /// As [#rescalable], where the last `ᾱ` of a rescaled schedule is 2⁻²⁴ instead of 0, so that
    /// its `σ` is finite.
    static NoiseSchedule rescalableWithFiniteSigma(Fields fields, String... legal) {
        NoiseSchedule schedule = rescalable(fields, legal);
        if (fields.offUnlessGiven("rescale_betas_zero_snr")) {
            schedule.alphaBar[schedule.alphaBar.length - 1] = 0x1p-24f;
        }
        return schedule;
    }

    /// The number of timesteps that the model was trained with.
    int timesteps() {
        return alphaBar.length;
    }

    /// `ᾱ` at timestep `t`, 0 to `timesteps() - 1`.
    float alphaBar(int t) {
        return alphaBar[t];
    }

    /// `σ` at every timestep: rises with it.
    float[] sigmas() {
        float[] sigmas = new float[alphaBar.length];
        for (int t = 0; t < sigmas.length; t++) {
            sigmas[t] = (float) Math.sqrt((1 - alphaBar[t]) / alphaBar[t]);
        }
        return sigmas;
    }

    private static float[] betas(Fields fields, Range otherwise, String... legal) {
        int timesteps = fields.integer("num_train_timesteps", 1000, 1);
        double start = fields.number("beta_start", otherwise.start);
        double end = fields.number("beta_end", otherwise.end);
        Optional<List<Double>> trained = fields.numbers("trained_betas");
        if (trained.isPresent()) {
            return listed(fields, trained.get(), timesteps);
        }
        String schedule = fields.choice("beta_schedule", legal);
        return switch (schedule) {
            case "linear" -> linspace((float) start, (float) end, timesteps);
            case "scaled_linear" -> {
                float[] betas =
                        linspace((float) Math.sqrt(start), (float) Math.sqrt(end), timesteps);
                for (int t = 0; t < timesteps; t++) {
                    betas[t] *= betas[t];
                }
                yield betas;
            }
            case "sigmoid" -> {
                float[] betas = linspace(-6, 6, timesteps);
                for (int t = 0; t < timesteps; t++) {
                    float sigmoid = (float) (1 / (1 + Math.exp(-betas[t])));
                    betas[t] = sigmoid * (float) (end - start) + (float) start;
                }
                yield betas;
            }
            case "squaredcos_cap_v2" -> ofAlphaBar(NoiseSchedule::cosine, timesteps);
            case "laplace" -> ofAlphaBar(NoiseSchedule::laplace, timesteps);
            case "exp" -> ofAlphaBar(time -> Math.exp(time * -12), timesteps);
            default -> throw new IllegalStateException("no beta schedule " + schedule);
        };
    }

    private static float[] listed(Fields fields, List<Double> trained, int timesteps) {
        if (trained.size() != timesteps) {
            throw new UnsupportedSchedulerException(
                    fields.scheduler(),
                    "trained_betas",
                    "of " + trained.size() + " values",
                    "num_train_timesteps values, which is " + timesteps);
        }
        float[] betas = new float[timesteps];
        for (int t = 0; t < timesteps; t++) {
            betas[t] = trained.get(t).floatValue();
        }
        return betas;
    }

    private static double cosine(double time) {
        double cosine = Math.cos((time + 0.008) / 1.008 * Math.PI / 2);
        return cosine * cosine;
    }

    private static double laplace(double time) {
        double half = 0.5 - time;
        double logSnr = -0.5 * Math.copySign(1, half) * Math.log(1 - 2 * Math.abs(half) + 1e-6);
        double snr = Math.exp(logSnr);
        return Math.sqrt(snr / (1 + snr));
    }

    private static float[] ofAlphaBar(DoubleUnaryOperator alphaBar, int timesteps) {
        float[] betas = new float[timesteps];
        for (int t = 0; t < timesteps; t++) {
            double from = alphaBar.applyAsDouble(t / (double) timesteps);
            double to = alphaBar.applyAsDouble((t + 1) / (double) timesteps);
            betas[t] = (float) Math.min(1 - to / from, GREATEST_BETA);
        }
        return betas;
    }

    /// The reference's `linspace` in single precision, which counts from both ends and rounds once.
    static float[] linspace(float start, float end, int size) {
        float[] values = new float[size];
        float step = size == 1 ? 0 : (end - start) / (size - 1);
        for (int i = 0; i < size; i++) {
            values[i] =
                    i < size / 2 ? Math.fma(step, i, start) : Math.fma(-step, size - 1 - i, end);
        }
        if (size == 1) {
            values[0] = start;
        }
        return values;
    }

    private static float[] cumulated(float[] betas) {
        float[] alphaBar = new float[betas.length];
        double product = 1;
        for (int t = 0; t < betas.length; t++) {
            product *= 1 - betas[t];
            alphaBar[t] = (float) product;
        }
        return alphaBar;
    }

    private static float[] rescaled(float[] betas) {
        float[] alphaBar = cumulated(betas);
        int last = alphaBar.length - 1;
        float first = (float) Math.sqrt(alphaBar[0]);
        float shift = (float) Math.sqrt(alphaBar[last]);
        float scale = first / (first - shift);
        float[] rescaled = new float[betas.length];
        float before = 1;
        for (int t = 0; t <= last; t++) {
            float root = ((float) Math.sqrt(alphaBar[t]) - shift) * scale;
            float square = root * root;
            rescaled[t] = 1 - square / before;
            before = square;
        }
        return rescaled;
    }
}
