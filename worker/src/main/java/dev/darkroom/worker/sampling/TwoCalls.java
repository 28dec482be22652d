package dev.darkroom.worker.sampling;

/// The calls of runs whose steps take two, save the last, which takes one.
///
/// Source: `set_timesteps` of `schedulers/scheduling_heun_discrete.py`.
final class TwoCalls {
    private TwoCalls() {}

    /// Whether a call is the first of its step.
    static boolean isFirst(int call) {
        return call % 2 == 0;
    }

    /// The timesteps of the calls, where the second call of a step is at the timestep of the next:
    /// `t₀ t₁ t₁ t₂ t₂ …`.
    static double[] repeated(double[] timesteps) {
        double[] calls = new double[2 * timesteps.length - 1];
        for (int call = 0; call < calls.length; call++) {
            calls[call] = timesteps[(call + 1) / 2];
        }
        return calls;
    }

    /// The noise levels before the calls and after the last, where `sigmas` are those of the steps
    /// and what is after them: `σ₀ σ₁ σ₁ σ₂ σ₂ … 0`.
    static float[] repeated(float[] sigmas) {
        float[] calls = new float[2 * (sigmas.length - 1)];
        for (int call = 0; call < calls.length; call++) {
            calls[call] = sigmas[(call + 1) / 2];
        }
        return calls;
    }
}
