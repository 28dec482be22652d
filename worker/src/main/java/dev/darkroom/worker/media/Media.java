package dev.darkroom.worker.media;

import dev.darkroom.worker.tensor.FloatTensor;
import java.util.List;

/// What a pipeline made, before it is encoded.
public sealed interface Media {
    /// Pictures.
    ///
    /// @param pictures one per output: `[H, W, C]`, 0 to 1, not yet rounded, not-a-number where the
    ///   decoder gave no finite value; `C` is 3, or 1 for grey
    record Images(List<FloatTensor> pictures) implements Media {
        /// Copies the list.
        public Images {
            pictures = List.copyOf(pictures);
        }
    }
}
