package dev.darkroom.protocol.event;

import dev.darkroom.protocol.job.JobId;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What every event of a job carries, and what orders the job's events: attempt, then hand-backs,
/// then run, then sequence. A run that begins later supersedes those before it in the same attempt;
/// two events of a job that are not its end never have all four alike.
///
/// @param job the job
/// @param attempt number of the attempt, from 1
/// @param handBacks hand-backs so far
/// @param run the delivery's own name, which its outputs are stored under too
/// @param sequence rises within a run, from 0
/// @param worker the worker's id
/// @param time when it happened
/// @param labels the job's own
/// @param traceparent W3C trace context; absent: none
public record EventHeader(
        JobId job,
        int attempt,
        int handBacks,
        RunId run,
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
