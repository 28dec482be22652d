package dev.darkroom.protocol.event;

import dev.darkroom.protocol.job.ModelId;
import java.time.Instant;
import java.util.List;

/// What a worker is doing, published every 15 s and at changes.
///
/// @param worker the worker's id
/// @param time when this was true
/// @param lane the lane that it serves
/// @param device for example `cpu`
/// @param models those in memory
/// @param slots all job slots
/// @param busySlots slots with a job
/// @param state what it does with new jobs
public record WorkerStatus(
        String worker,
        Instant time,
        String lane,
        String device,
        List<ModelId> models,
        int slots,
        int busySlots,
        State state) {
    /// Copies the list.
    public WorkerStatus {
        models = List.copyOf(models);
    }

    /// What a worker does with new jobs.
    public enum State {
        /// It is still loading.
        STARTING,
        /// It takes them.
        READY,
        /// It finishes what it has and takes none.
        DRAINING,
        /// It is gone.
        STOPPED
    }
}
