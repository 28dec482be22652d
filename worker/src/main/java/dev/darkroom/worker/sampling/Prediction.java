package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// What a model was trained to predict.
enum Prediction {
    /// The noise `ε`: Ho et al. 2020, equation 14.
    EPSILON("epsilon"),
    /// The clean sample `x₀`.
    SAMPLE("sample"),
    /// The velocity `√ᾱ ε − √(1 − ᾱ) x₀`: Salimans and Ho 2022, section 4.
    VELOCITY("v_prediction"),
    /// The direction `ε − x₀` of a straight line: Lipman et al. 2022 ("Flow Matching for Generative
    /// Modeling"), equation 23.
    FLOW("flow_prediction");

    /// The field that says it.
    static final String FIELD = "prediction_type";

    private final String name;

    Prediction(String name) {
        this.name = name;
    }

    /// What the field says, for a class that takes all but flows.
    static Prediction of(Fields fields) {
        return among(fields, EPSILON, SAMPLE, VELOCITY);
    }

    /// What the field says, for a class that takes these; the first holds by default.
    static Prediction among(Fields fields, Prediction... legal) {
        String[] names = new String[legal.length];
        for (int i = 0; i < legal.length; i++) {
            names[i] = legal[i].name;
        }
        return named(fields.choice(FIELD, names));
    }

    private static Prediction named(String name) {
        for (Prediction prediction : values()) {
            if (prediction.name.equals(name)) {
                return prediction;
            }
        }
        throw new IllegalStateException("no prediction type " + name);
    }

    /// The name in a configuration.
    String text() {
        return name;
    }

    /// Writes the clean sample that `output` implies into `into`, where `x = alpha x₀ + sigma ε`.
    void original(
            FloatTensor output, FloatTensor sample, float alpha, float sigma, FloatTensor into) {
        int size = sample.shape().elements();
        switch (this) {
            case EPSILON -> {
                for (int i = 0; i < size; i++) {
                    into.set(i, (sample.get(i) - sigma * output.get(i)) / alpha);
                }
            }
            case SAMPLE -> {
                for (int i = 0; i < size; i++) {
                    into.set(i, output.get(i));
                }
            }
            case VELOCITY -> {
                for (int i = 0; i < size; i++) {
                    into.set(i, alpha * sample.get(i) - sigma * output.get(i));
                }
            }
            case FLOW -> {
                for (int i = 0; i < size; i++) {
                    into.set(i, sample.get(i) - sigma * output.get(i));
                }
            }
        }
    }

    /// The noise that `output` implies in `x = alpha x₀ + sigma ε`.
    float noise(float output, float x, float alpha, float sigma) {
        return switch (this) {
            case EPSILON -> output;
            case SAMPLE -> (x - alpha * output) / sigma;
            case VELOCITY -> alpha * output + sigma * x;
            case FLOW -> alpha * output + x;
        };
    }

    /// Writes the clean sample that `output` implies into `into`, where `x = x₀ + sigma ε` and the
    /// model was given `x / √(sigma² + 1)`.
    void originalAt(float sigma, FloatTensor output, FloatTensor sample, FloatTensor into) {
        int size = sample.shape().elements();
        switch (this) {
            case EPSILON, FLOW -> {
                for (int i = 0; i < size; i++) {
                    into.set(i, sample.get(i) - sigma * output.get(i));
                }
            }
            case SAMPLE -> {
                for (int i = 0; i < size; i++) {
                    into.set(i, output.get(i));
                }
            }
            case VELOCITY -> {
                float ofOutput = -sigma / (float) Math.sqrt(sigma * sigma + 1);
                float ofSample = sigma * sigma + 1;
                for (int i = 0; i < size; i++) {
                    into.set(i, output.get(i) * ofOutput + sample.get(i) / ofSample);
                }
            }
        }
    }
}
