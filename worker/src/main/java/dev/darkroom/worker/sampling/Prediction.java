package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// What a model was trained to predict.
enum Prediction {
    /// The noise `ε`: Ho et al. 2020, equation 14.
    EPSILON("epsilon"),
    /// The clean sample `x₀`.
    SAMPLE("sample"),
    /// The velocity `√ᾱ ε − √(1 − ᾱ) x₀`: Salimans and Ho 2022, section 4.
    VELOCITY("v_prediction");

    private final String name;

    Prediction(String name) {
        this.name = name;
    }

    /// What the field `prediction_type` says, for a class that takes all three.
    static Prediction of(Fields fields) {
        return named(fields.choice("prediction_type", "epsilon", "sample", "v_prediction"));
    }

    /// What the field `prediction_type` says, for a class that takes no clean samples.
    static Prediction ofNoiseOrVelocity(Fields fields) {
        return named(fields.choice("prediction_type", "epsilon", "v_prediction"));
    }

    private static Prediction named(String name) {
        for (Prediction prediction : values()) {
            if (prediction.name.equals(name)) {
                return prediction;
            }
        }
        throw new IllegalStateException("no prediction type " + name);
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
        }
    }
}
