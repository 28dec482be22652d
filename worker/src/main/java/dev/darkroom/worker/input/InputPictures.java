package dev.darkroom.worker.input;

import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.worker.media.Picture;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The pictures that a job names, as they are: not yet resized.
///
/// @param init to start from
/// @param mask where `init` may change
/// @param control one for each control network, in the job's order
public record InputPictures(@Nullable Input init, @Nullable Input mask, List<Input> control) {
    /// No inputs.
    public static final InputPictures NONE = new InputPictures(null, null, List.of());

    /// Copies the list.
    public InputPictures {
        control = List.copyOf(control);
    }

    /// One input.
    ///
    /// @param uri where it was
    /// @param sha256 of the file, in hexadecimal digits
    /// @param picture what it shows, RGB
    public record Input(InputUri uri, String sha256, Picture picture) {}
}
