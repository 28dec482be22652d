package dev.darkroom.worker.device;

import java.util.List;

/// The rows of one run.
///
/// @param key what they have in common
/// @param slices whose rows, in the order of the batch axis
/// @param why why it is this size
/// @param leftWaiting rows of all keys that wait on
record Batch(BatchKey key, List<Slice> slices, RunRecord.Why why, int leftWaiting) {
    /// Copies the list.
    Batch {
        slices = List.copyOf(slices);
    }

    /// The number of rows.
    int rows() {
        return slices.stream().mapToInt(Slice::rows).sum();
    }
}
