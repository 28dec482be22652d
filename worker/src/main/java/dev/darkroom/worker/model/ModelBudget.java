package dev.darkroom.worker.model;

import java.time.Duration;

/// How much memory models may take, and how eagerly they change.
///
/// @param bytes the most that all loaded models may take together, as [Footprints] has it
/// @param leastResidence how long a loaded model stays at least: a load stalls the device, so that
///   two models must not push each other out with every job
public record ModelBudget(long bytes, Duration leastResidence) {
    /// Checks the ranges.
    public ModelBudget {
        if (bytes < 1) {
            throw new IllegalArgumentException("bytes is " + bytes + "; legal: at least 1");
        }
        if (leastResidence.isNegative()) {
            throw new IllegalArgumentException(
                    "leastResidence is " + leastResidence + "; legal: 0 or more");
        }
    }
}
