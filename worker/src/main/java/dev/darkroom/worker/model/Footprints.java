package dev.darkroom.worker.model;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;

/// How much memory models take: an estimate from their files until one of them was loaded, and what
/// that load was measured to take from then on, for as long as the process lives.
///
/// Not synchronised.
final class Footprints {
    // A byte of a file may take anything from one byte to more than four when loaded: the weights,
    // the copies that a runtime packs for its kernels, its buffers, and weights of 8 bits that it
    // unfolds to 32. So a figure is measured as soon as there is something to measure.

    /// What a byte of a graph's file is estimated to take.
    private static final int ESTIMATE = 2;

    private final Map<String, Long> measured = new HashMap<>();
    private boolean left;

    /// The bytes that this model takes, as far as is known.
    ///
    /// @param digest over the model's files
    /// @param graphBytes of its graphs' files
    long of(String digest, long graphBytes) {
        return measured.getOrDefault(digest, Math.multiplyExact(graphBytes, ESTIMATE));
    }

    /// Whether what this model takes was measured.
    boolean measured(String digest) {
        return measured.containsKey(digest);
    }

    /// Notes that a model was unloaded: memory that it leaves to the process may be given to later
    /// ones, so that the memory in use grows by less than those take.
    void unloaded() {
        left = true;
    }

    /// Notes by how much the memory in use grew while this model was loaded. The first figure
    /// counts, and only one that can be: at least the size of the files, or what is estimated once
    /// an earlier model was unloaded.
    void grew(String digest, long graphBytes, OptionalLong bytes) {
        long least = left ? Math.multiplyExact(graphBytes, ESTIMATE) : graphBytes;
        if (bytes.isPresent() && bytes.getAsLong() >= least) {
            measured.putIfAbsent(digest, bytes.getAsLong());
        }
    }
}
