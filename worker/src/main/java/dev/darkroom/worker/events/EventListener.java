package dev.darkroom.worker.events;

import dev.darkroom.protocol.event.JobEvent;

/// Hears what becomes of events, for metrics. Called on any thread: must be quick, and must not
/// throw.
public interface EventListener {
    /// The broker acknowledged an event.
    void sent(JobEvent event);

    /// A lifecycle event was not acknowledged in time and is being sent again.
    void repeated(JobEvent event);

    /// A progress event or a status could not be sent and was dropped.
    void dropped();

    /// One that ignores everything.
    static EventListener none() {
        return new EventListener() {
            @Override
            public void sent(JobEvent event) {}

            @Override
            public void repeated(JobEvent event) {}

            @Override
            public void dropped() {}
        };
    }
}
