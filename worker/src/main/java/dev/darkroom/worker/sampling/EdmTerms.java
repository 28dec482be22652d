package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// The noise levels of Karras et al. 2022 ("Elucidating the Design Space of Diffusion-Based
/// Generative Models") and how a model is wrapped at each: its input scaled, its output mixed with
/// the sample (table 1). Immutable.
///
/// Source: `schedulers/scheduling_edm_euler.py` and
/// `schedulers/scheduling_edm_dpmsolver_multistep.py`.
final class EdmTerms {
    private enum Spacing {
        KARRAS,
        EXPONENTIAL
    }

    private final String scheduler;
    private final int trained;
    private final double least;
    private final double greatest;
    private final double rho;
    private final Spacing spacing;
    private final float sigmaData;
    private final Prediction prediction;

    private EdmTerms(Fields fields, double[] bounds, Spacing otherwise, Prediction[] predictions) {
        this.scheduler = fields.scheduler();
        this.trained = fields.integer("num_train_timesteps", 1000, 1);
        this.least = positive(fields, "sigma_min", bounds[0]);
        this.greatest = positive(fields, "sigma_max", bounds[1]);
        this.sigmaData = (float) positive(fields, "sigma_data", bounds[2]);
        this.rho = positive(fields, "rho", 7);
        String name =
                otherwise == Spacing.KARRAS
                        ? fields.choice("sigma_schedule", "karras", "exponential")
                        : fields.choice("sigma_schedule", "exponential", "karras");
        this.spacing = name.equals("karras") ? Spacing.KARRAS : Spacing.EXPONENTIAL;
        this.prediction = Prediction.among(fields, predictions);
    }

    /// What the fields of a class say whose defaults are those of Karras et al.
    static EdmTerms edm(Fields fields) {
        return new EdmTerms(
                fields,
                new double[] {0.002, 80, 0.5},
                Spacing.KARRAS,
                new Prediction[] {Prediction.EPSILON, Prediction.VELOCITY});
    }

    /// What the fields of a class say whose defaults are those of Stable Audio: Evans et al. 2024
    /// ("Stable Audio Open").
    static EdmTerms cosine(Fields fields) {
        return new EdmTerms(
                fields,
                new double[] {0.3, 500, 1},
                Spacing.EXPONENTIAL,
                new Prediction[] {Prediction.VELOCITY, Prediction.EPSILON});
    }

    private static double positive(Fields fields, String field, double otherwise) {
        double value = fields.number(field, otherwise);
        if (!(value > 0)) {
            throw fields.refusal(field, "above 0");
        }
        return value;
    }

    /// The smallest level.
    double least() {
        return least;
    }

    /// The greatest level.
    double greatest() {
        return greatest;
    }

    /// `steps` levels, and `last` after them, rounded as the reference's solvers round them.
    float[] sigmas(int steps, float last) {
        TimestepSpacing.checkSteps(scheduler, steps, trained);
        float[] sigmas = new float[steps + 1];
        switch (spacing) {
            case KARRAS -> {
                double low = Math.pow(least, 1 / rho);
                double high = Math.pow(greatest, 1 / rho);
                float[] ramp = NoiseSchedule.linspace(0, 1, steps);
                for (int i = 0; i < steps; i++) {
                    float root = (float) high + ramp[i] * (float) (low - high);
                    sigmas[i] = (float) Math.pow(root, rho);
                }
            }
            case EXPONENTIAL -> {
                float[] logarithms =
                        NoiseSchedule.linspace(
                                (float) Math.log(least), (float) Math.log(greatest), steps);
                for (int i = 0; i < steps; i++) {
                    sigmas[i] = (float) Math.exp(logarithms[steps - 1 - i]);
                }
            }
        }
        sigmas[steps] = last;
        return sigmas;
    }

    /// Writes the clean sample that `output` implies at level `sigma` into `into`.
    void original(FloatTensor output, FloatTensor sample, float sigma, FloatTensor into) {
        float variance = sigma * sigma + sigmaData * sigmaData;
        float ofSample = sigmaData * sigmaData / variance;
        float magnitude = sigma * sigmaData / (float) Math.sqrt(variance);
        float ofOutput = prediction == Prediction.VELOCITY ? -magnitude : magnitude;
        int size = sample.shape().elements();
        for (int i = 0; i < size; i++) {
            into.set(i, ofSample * sample.get(i) + ofOutput * output.get(i));
        }
    }

    /// What the model's input is multiplied by at level `sigma`.
    float inputScale(float sigma) {
        return 1 / (float) Math.sqrt(sigma * sigma + sigmaData * sigmaData);
    }
}
