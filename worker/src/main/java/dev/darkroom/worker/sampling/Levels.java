package dev.darkroom.worker.sampling;

import java.util.function.DoubleUnaryOperator;

/// The noise levels of a run's steps, from the greatest on, and the timestep of each. Immutable by
/// convention: made by one class and read by the next.
final class Levels {
    /// The level before each step.
    final double[] sigmas;

    /// The timestep of each level.
    final double[] timesteps;

    /// Levels with their timesteps, as many of each.
    Levels(double[] sigmas, double[] timesteps) {
        this.sigmas = sigmas;
        this.timesteps = timesteps;
    }

    /// The number of steps.
    int steps() {
        return sigmas.length;
    }

    /// The same levels, with `whole` applied to every timestep.
    Levels withTimesteps(DoubleUnaryOperator whole) {
        double[] other = new double[timesteps.length];
        for (int i = 0; i < other.length; i++) {
            other[i] = whole.applyAsDouble(timesteps[i]);
        }
        return new Levels(sigmas, other);
    }

    /// Refuses levels of which two are equal: a solver of second order or above divides by their
    /// distance. The last two may be, where nothing comes after them.
    static void requireApart(String scheduler, float[] sigmas, int order) {
        for (int call = 0; order > 1 && call + 2 < sigmas.length; call++) {
            if (sigmas[call] == sigmas[call + 1]) {
                throw new UnsupportedSchedulerException(
                        scheduler,
                        "steps",
                        (sigmas.length - 1) + ", of which two have noise level " + sigmas[call],
                        "fewer, since so many have not as many different noise levels");
            }
        }
    }

    /// The levels in single precision, and `last` after them.
    float[] until(double last) {
        float[] all = new float[sigmas.length + 1];
        for (int i = 0; i < sigmas.length; i++) {
            all[i] = (float) sigmas[i];
        }
        all[sigmas.length] = (float) last;
        return all;
    }
}
