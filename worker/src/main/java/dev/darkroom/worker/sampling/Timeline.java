package dev.darkroom.worker.sampling;

/// When a run calls the model, and what it tells it: the timestep of every call, the call that is
/// the first, and how the calls make up steps. Immutable.
final class Timeline {
    private final double[] timesteps;
    private final int steps;
    private final int order;
    private final int startStep;

    /// A run of `steps` steps, each of `order` calls save the last, which may have fewer.
    ///
    /// @param timesteps of all calls; where there are more of them than the steps need, the calls
    ///   in excess come first
    Timeline(String scheduler, double[] timesteps, int steps, int order, SamplingOptions options) {
        int most = timesteps.length > steps * order ? steps : steps - 1;
        if (options.startStep() > most) {
            throw new UnsupportedSchedulerException(
                    scheduler,
                    "startStep",
                    options.startStep() + " of " + steps + " steps",
                    "0 to " + most);
        }
        this.timesteps = timesteps;
        this.steps = steps;
        this.order = order;
        this.startStep = options.startStep();
    }

    /// A run with whole timesteps whose steps have a call each.
    static Timeline of(String scheduler, int[] timesteps, int steps, SamplingOptions options) {
        double[] all = new double[timesteps.length];
        for (int call = 0; call < all.length; call++) {
            all[call] = timesteps[call];
        }
        return new Timeline(scheduler, all, steps, 1, options);
    }

    /// The number of calls, those that are left out included.
    int calls() {
        return timesteps.length;
    }

    /// The first call that is made.
    int first() {
        return startStep * order;
    }

    /// The timestep of a call.
    double timestep(int call) {
        return timesteps[call];
    }

    /// Steps done once `call` is.
    ///
    /// Source: the progress bars of the reference's pipelines (`num_warmup_steps`).
    int stepsDone(int call) {
        int made = call - first() + 1;
        int excess = Math.max(calls() - first() - (steps - startStep) * order, 0);
        int last = call == calls() - 1 && made % order != 0 ? 1 : 0;
        return Math.max(made / order - excess / order + last, 0);
    }

    /// Steps that are made.
    int steps() {
        return steps - startStep;
    }
}
