package dev.darkroom.worker.events;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.WorkerStatus;

/// The way out for events. Safe for any thread.
public interface EventPublisher extends AutoCloseable {
    /// Publishes a lifecycle event and waits for the broker's acknowledgement, however long the
    /// broker is away: retries for ever, unless the calling thread is interrupted.
    void publish(JobEvent event) throws InterruptedException;

    /// Hands over a progress event and returns at once; one that cannot be sent is counted and
    /// dropped.
    void offer(JobEvent.Progress event);

    /// Hands over the worker's status and returns at once.
    void offer(WorkerStatus status);

    @Override
    void close();
}
