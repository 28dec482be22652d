package dev.darkroom.ops.parity;

import dev.darkroom.worker.tensor.FloatTensor;

/// How far numbers are from the reference's, and how far they may be. Pure.
///
/// An independent run of the same graphs reproduces the reference to about 1e-6; the tolerances
/// leave room for the rounding of other batch sizes, thread counts and processors.
public final class Deviation {
    /// The greatest relative error of latents and prompts, at each step.
    public static final double LATENTS = 1e-3;

    /// The greatest relative error of anything that a scheduler computes.
    public static final double TRAJECTORY = 1e-4;

    /// How far a value of a picture, in 0 to 1 before rounding, may be from the reference's and
    /// count as the same: one level of 8 bits.
    public static final double LEVEL = 1.0 / 255;

    /// How far a sample of a waveform, in −1 to 1 before rounding, may be from the reference's and
    /// count as the same.
    public static final double AMPLITUDE = 1e-3;

    /// The least share of an output's values that must be within [#LEVEL] or [#AMPLITUDE].
    public static final double SHARE = 0.999;

    private Deviation() {}

    /// The greatest difference over the greatest magnitude of the reference. Not-a-number when any
    /// value is; infinite when the reference is zero throughout and the other is not.
    ///
    /// @throws ReferenceException when the shapes differ
    public static double relativeError(FloatTensor actual, FloatTensor reference) {
        requireSameShape(actual, reference);
        double difference = 0;
        double magnitude = 0;
        for (int i = 0; i < reference.shape().elements(); i++) {
            difference = Math.max(difference, Math.abs(actual.get(i) - reference.get(i)));
            magnitude = Math.max(magnitude, Math.abs(reference.get(i)));
        }
        return ratio(difference, magnitude);
    }

    /// As for tensors, with numbers of double precision.
    ///
    /// @throws ReferenceException when there are not as many
    public static double relativeError(double[] actual, double[] reference) {
        if (actual.length != reference.length) {
            throw new ReferenceException(
                    "made " + actual.length + " values, the reference has " + reference.length);
        }
        double difference = 0;
        double magnitude = 0;
        for (int i = 0; i < reference.length; i++) {
            difference = Math.max(difference, Math.abs(actual[i] - reference[i]));
            magnitude = Math.max(magnitude, Math.abs(reference[i]));
        }
        return ratio(difference, magnitude);
    }

    private static double ratio(double difference, double magnitude) {
        return difference == 0 ? 0 : difference / magnitude;
    }

    /// The share of values that are within `step` of the reference's.
    ///
    /// @throws ReferenceException when the shapes differ
    public static double share(FloatTensor actual, FloatTensor reference, double step) {
        requireSameShape(actual, reference);
        int within = 0;
        for (int i = 0; i < reference.shape().elements(); i++) {
            if (Math.abs(actual.get(i) - reference.get(i)) <= step) {
                within++;
            }
        }
        return (double) within / reference.shape().elements();
    }

    private static void requireSameShape(FloatTensor actual, FloatTensor reference) {
        if (!actual.shape().equals(reference.shape())) {
            throw new ReferenceException(
                    "made " + actual.shape() + ", the reference has " + reference.shape());
        }
    }
}
