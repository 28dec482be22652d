package dev.darkroom.worker.input;

import dev.darkroom.protocol.event.InputDigest;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.worker.media.Picture;
import java.util.ArrayList;
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

    /// What each file was, by the field that names it, in the order of the job's fields.
    public List<InputDigest> digests() {
        List<InputDigest> digests = new ArrayList<>();
        if (init != null) {
            digests.add(new InputDigest(Named.INIT, init.sha256()));
        }
        if (mask != null) {
            digests.add(new InputDigest(Named.MASK, mask.sha256()));
        }
        for (int i = 0; i < control.size(); i++) {
            digests.add(new InputDigest(Named.control(i), control.get(i).sha256()));
        }
        return digests;
    }

    /// One input.
    ///
    /// @param uri where it was
    /// @param sha256 of the file, in hexadecimal digits
    /// @param picture what it shows, RGB
    public record Input(InputUri uri, String sha256, Picture picture) {}
}
