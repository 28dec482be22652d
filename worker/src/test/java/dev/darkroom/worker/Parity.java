package dev.darkroom.worker;

import dev.darkroom.worker.tensor.FloatTensor;

/// How near a result must be to the reference's, and how near it is.
///
/// An independent run of the same graphs reproduces the references to about 1e-6; the tolerances
/// leave room for the rounding of other batch sizes, thread counts and processors.
public final class Parity {
    /// The greatest relative error of latents, taken at each step: the greatest difference over the
    /// greatest magnitude of the tensor.
    public static final double LATENTS = 1e-3;

    /// How far a value of an output, in 0 to 1 before rounding, may be from the reference's and
    /// count as the same: one level of 8 bits.
    public static final double LEVEL = 1.0 / 255;

    /// The least share of an output's values that must be within [#LEVEL].
    public static final double SHARE = 0.999;

    private Parity() {}

    /// The greatest difference over the greatest magnitude of the reference; not-a-number when any
    /// value is.
    public static double relativeError(FloatTensor actual, FloatTensor reference) {
        sameShape(actual, reference);
        double difference = 0;
        double magnitude = 0;
        for (int i = 0; i < reference.shape().elements(); i++) {
            difference = Math.max(difference, Math.abs(actual.get(i) - reference.get(i)));
            magnitude = Math.max(magnitude, Math.abs(reference.get(i)));
        }
        return difference == 0 ? 0 : difference / magnitude;
    }

    /// The share of values that are within [#LEVEL] of the reference's.
    public static double shareWithinLevel(FloatTensor actual, FloatTensor reference) {
        sameShape(actual, reference);
        int within = 0;
        for (int i = 0; i < reference.shape().elements(); i++) {
            if (Math.abs(actual.get(i) - reference.get(i)) <= LEVEL) {
                within++;
            }
        }
        return (double) within / reference.shape().elements();
    }

    private static void sameShape(FloatTensor actual, FloatTensor reference) {
        if (!actual.shape().equals(reference.shape())) {
            throw new IllegalArgumentException("got " + actual + ", the reference is " + reference);
        }
    }
}
