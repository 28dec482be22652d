package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Size;
import dev.darkroom.worker.model.ModelFolder;

/// The cells that a transformer sees a picture as.
///
/// @param rows from the top
/// @param columns from the left
record CellGrid(int rows, int columns) {
    /// Those of a prepared job's picture.
    static CellGrid of(ModelFolder folder, Size size) {
        int side = folder.sideMultiple();
        return new CellGrid(Terms.given(size.height()) / side, Terms.given(size.width()) / side);
    }

    /// All of them.
    int cells() {
        return rows * columns;
    }
}
