package dev.darkroom.worker.device;

/// Neighbouring rows of one evaluation.
///
/// @param work the evaluation
/// @param from first row
/// @param to one past the last row
record Slice(Work work, int from, int to) {
    /// Refuses an empty slice.
    Slice {
        if (from < 0 || to <= from || to > work.evaluation().rows()) {
            throw new IllegalArgumentException(
                    "rows " + from + " to " + to + " of " + work.evaluation().rows());
        }
    }

    /// The number of rows.
    int rows() {
        return to - from;
    }

    /// The first `rows` of these rows.
    Slice head(int rows) {
        return new Slice(work, from, from + rows);
    }

    /// All but the first `rows` of these rows.
    Slice tail(int rows) {
        return new Slice(work, from + rows, to);
    }
}
