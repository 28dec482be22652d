package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Size;
import dev.darkroom.worker.media.Picture;
import dev.darkroom.worker.media.PictureTensors;
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
    /// Pictures as a pipeline takes them, each as its role asks for. Long work for a processor.
    ///
    /// @param size of the job, with every default filled in
    public static GuidePictures resized(
            @Nullable Picture init, @Nullable Picture mask, List<Picture> control, Size size) {
        int width = Terms.given(size.width());
        int height = Terms.given(size.height());
        return new GuidePictures(
                init == null ? null : PictureTensors.init(init, width, height),
                mask == null ? null : PictureTensors.mask(mask, width, height),
                control.stream()
                        .map(picture -> PictureTensors.control(picture, width, height))
                        .toList());
    }

    /// None at all.
    public static final GuidePictures NONE = new GuidePictures(null, null, List.of());

    /// Copies the list.
    public GuidePictures {
        control = List.copyOf(control);
    }
}
