package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.Shape;

/// A sampling algorithm with its configuration: immutable, and safe to share between threads.
public interface Scheduler {
    /// A fresh run of `steps` steps over one sample of this shape; all memory that the run needs is
    /// allocated here.
    ///
    /// @param steps 1 to the number of timesteps the model was trained with
    /// @param sample one output's sample, for example `[C, h, w]`
    /// @throws UnsupportedSchedulerException when the algorithm cannot make so many steps, or
    ///   ignores an option
    SchedulerRun start(int steps, Shape sample, SamplingOptions options);

    /// A fresh run with default options.
    default SchedulerRun start(int steps, Shape sample) {
        return start(steps, sample, SamplingOptions.DEFAULTS);
    }
}
