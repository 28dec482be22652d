package dev.darkroom.protocol.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A job as it travels between topics: the submitter's part and what the fleet adds. All of it lies
/// in the record's value, since a dead-letter topic drops headers.
///
/// @param job what the backend asked for
/// @param attempts one entry per real failure so far
/// @param handBacks hand-backs so far
/// @param traceparent W3C trace context of the submission; absent: none
public record JobEnvelope(
        Job job, List<Attempt> attempts, HandBacks handBacks, @Nullable String traceparent) {
    /// Copies the list.
    public JobEnvelope {
        attempts = List.copyOf(attempts);
    }

    /// A job that was never tried.
    public static JobEnvelope of(Job job) {
        return new JobEnvelope(job, List.of(), HandBacks.NONE, null);
    }

    /// The number of the attempt under way, from 1.
    public int attempt() {
        return attempts.size() + 1;
    }
}
