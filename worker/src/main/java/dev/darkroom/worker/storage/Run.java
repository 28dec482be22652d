package dev.darkroom.worker.storage;

import dev.darkroom.protocol.job.JobId;
import java.security.SecureRandom;
import java.util.HexFormat;

/// One delivery of a job, as the place that its outputs are written to. No two deliveries share
/// one, so a worker that comes late can never overwrite an output that a manifest names.
///
/// @param prefix the job's own output prefix; empty or ending in `/`
/// @param job the job
/// @param id random
public record Run(String prefix, JobId job, String id) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 8;

    /// Refuses a prefix that would glue itself to the job's id.
    public Run {
        if (!prefix.isEmpty() && (!prefix.endsWith("/") || prefix.startsWith("/"))) {
            throw new IllegalArgumentException(
                    "output prefix is '"
                            + prefix
                            + "'; legal: empty, or ending in / and not beginning with it");
        }
    }

    /// A delivery that nobody has had.
    public static Run fresh(String prefix, JobId job) {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return new Run(prefix, job, HexFormat.of().formatHex(bytes));
    }
}
