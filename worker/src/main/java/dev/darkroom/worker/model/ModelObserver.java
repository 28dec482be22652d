package dev.darkroom.worker.model;

import dev.darkroom.protocol.job.ModelId;
import java.time.Duration;

/// Hears what happens to models, for metrics and logs. Called on the thread that does it; must be
/// quick, and must not throw.
public interface ModelObserver {
    /// A model is ready.
    ///
    /// @param preparation time of reading and checking its files, while the device worked on
    /// @param stall time that the device was kept from its runs
    void loaded(ModelId model, Duration preparation, Duration stall);

    /// A model could not be loaded.
    void failed(ModelId model);

    /// A model made room for another.
    ///
    /// @param stall time that the device was kept from its runs
    void evicted(ModelId model, Duration stall);

    /// One that ignores everything.
    static ModelObserver none() {
        return new ModelObserver() {
            @Override
            public void loaded(ModelId model, Duration preparation, Duration stall) {}

            @Override
            public void failed(ModelId model) {}

            @Override
            public void evicted(ModelId model, Duration stall) {}
        };
    }
}
