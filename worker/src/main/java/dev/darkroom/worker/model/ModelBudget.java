package dev.darkroom.worker.model;

import java.time.Duration;

/// How much memory models may take, and how eagerly they change.
///
/// @param bytes the sum over all loaded models, as [#residentBytes] estimates it
/// @param leastResidence how long a loaded model stays at least: a load stalls the device, so that
///   two models must not push each other out with every job
public record ModelBudget(long bytes, Duration leastResidence) {
    /// What a byte of a graph's file takes when loaded: the weights, the copies that a runtime
    /// packs for its kernels, and its buffers. Graphs with weights of 8 bits that are unfolded to
    /// 32 at load take more.
    private static final int RESIDENT_FACTOR = 2;

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

    /// The estimated memory of a model whose graphs take `graphBytes` on disk.
    static long residentBytes(long graphBytes) {
        return Math.multiplyExact(graphBytes, RESIDENT_FACTOR);
    }
}
