package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.tensor.FloatTensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The pictures that a job brings, decoded and brought to its size.
///
/// | tensor | shape | range |
/// |---|---|---|
/// | init | `[1, 3, H, W]` | −1 to 1 |
/// | mask | `[1, 1, H, W]` | 0 (stays) or 1 (changes) |
/// | control | `[1, 3, H, W]` each | 0 to 1 |
///
/// @param init what to start from
/// @param mask what of it may change
/// @param control one for each item of the job's `control`
public record GuidePictures(
        @Nullable FloatTensor init, @Nullable FloatTensor mask, List<FloatTensor> control) {
    /// None at all.
    public static final GuidePictures NONE = new GuidePictures(null, null, List.of());

    /// Copies the list.
    public GuidePictures {
        control = List.copyOf(control);
    }
}
