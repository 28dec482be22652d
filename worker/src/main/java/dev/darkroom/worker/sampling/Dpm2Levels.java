package dev.darkroom.worker.sampling;

/// The noise levels of the two DPM2 algorithms: those of training, and one between the ends of each
/// step. Immutable.
///
/// Source: `set_timesteps` of `schedulers/scheduling_k_dpm_2_discrete.py`.
final class Dpm2Levels {
    private final TrainedLevels trained;

    /// What the fields of a class say that has such levels.
    Dpm2Levels(Fields fields) {
        NoiseSchedule schedule =
                NoiseSchedule.latent(fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        trained = new TrainedLevels(fields, schedule, SigmaSpacing.of(fields));
    }

    /// How the timesteps are spaced.
    TimestepSpacing spacing() {
        return trained.spacing();
    }

    /// The levels of `steps` steps.
    Levels at(int steps) {
        Levels levels = trained.at(steps);
        return trained.kind() == SigmaSpacing.Kind.KARRAS
                ? levels.withTimesteps(Math::rint)
                : levels;
    }

    /// The timesteps of the calls: those of the steps, and between two of them that of the level
    /// halfway.
    double[] timesteps(Levels levels, float[] halfway) {
        double[] calls = new double[2 * levels.steps() - 1];
        for (int call = 0; call < calls.length; call++) {
            calls[call] =
                    TwoCalls.isFirst(call)
                            ? levels.timesteps[call / 2]
                            : trained.timestepOf(halfway[call / 2]);
        }
        return calls;
    }

    /// `√(from · to)` by way of logarithms; 0 where a level is.
    static float geometricMean(float from, float to) {
        if (from == 0 || to == 0) {
            return 0;
        }
        float logTo = (float) Math.log(to);
        return (float) Math.exp(logTo + 0.5f * ((float) Math.log(from) - logTo));
    }
}
