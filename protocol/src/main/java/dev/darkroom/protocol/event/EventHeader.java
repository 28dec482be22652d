package dev.darkroom.protocol.event;

import dev.darkroom.protocol.job.JobId;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What every event of a job carries.
///
/// @param job the job
/// @param attempt number of the attempt, from 1
/// @param handBacks hand-backs so far
/// @param sequence rises within a delivery, from 0
/// @param worker the worker's id
/// @param time when it happened
/// @param labels the job's own
/// @param traceparent W3C trace context; absent: none
public record EventHeader(
        JobId job,
        int attempt,
        int handBacks,
        long sequence,
        String worker,
        Instant time,
        Map<String, String> labels,
        @Nullable String traceparent) {
    /// Copies the map.
    public EventHeader {
        labels = Map.copyOf(labels);
    }
}
