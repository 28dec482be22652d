package dev.darkroom.worker.storage;

import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.job.JobId;

/// One delivery of a job, as the place that its outputs are written to. No two deliveries share
/// one, so a worker that comes late can never overwrite an output that a manifest names.
///
/// @param prefix the job's own output prefix; empty or ending in `/`
/// @param job the job
/// @param id of the delivery, never used before
public record Run(String prefix, JobId job, RunId id) {
    /// Refuses a prefix that would glue itself to the job's id.
    public Run {
        if (!prefix.isEmpty() && (!prefix.endsWith("/") || prefix.startsWith("/"))) {
            throw new IllegalArgumentException(
                    "output prefix is '"
                            + prefix
                            + "'; legal: empty, or ending in / and not beginning with it");
        }
    }
}
