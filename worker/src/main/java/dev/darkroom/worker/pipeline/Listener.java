package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.event.Stage;
import dev.darkroom.worker.tensor.FloatTensor;

/// Hears how a pipeline goes on. Called on the job's thread, between device calls; must be quick,
/// and must not throw.
public interface Listener {
    /// A stage begins, with this many steps in it.
    void stage(Stage stage, int steps);

    /// A step of the current stage is done.
    ///
    /// @param step steps done, from 1
    /// @param latents the sample as it is now, `[count, C, h, w]` for pictures; to be read before
    ///   the return only
    void step(int step, FloatTensor latents);

    /// One that ignores everything.
    static Listener none() {
        return new Listener() {
            @Override
            public void stage(Stage stage, int steps) {}

            @Override
            public void step(int step, FloatTensor latents) {}
        };
    }
}
