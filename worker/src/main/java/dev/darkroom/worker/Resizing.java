package dev.darkroom.worker;

import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.job.VideoSpec;
import dev.darkroom.worker.input.InputPictures;
import dev.darkroom.worker.media.Picture;
import dev.darkroom.worker.pipeline.GuidePictures;
import org.jspecify.annotations.Nullable;

/// A job's inputs, brought to the job's size. Pure; long work for a processor.
final class Resizing {
    private Resizing() {}

    /// The inputs as a pipeline takes them, each as its role asks for.
    ///
    /// @param parameters with every default filled in
    static GuidePictures resized(InputPictures inputs, Spec parameters) {
        if (inputs.equals(InputPictures.NONE)) {
            return GuidePictures.NONE;
        }
        return GuidePictures.resized(
                picture(inputs.init()),
                picture(inputs.mask()),
                inputs.control().stream().map(InputPictures.Input::picture).toList(),
                size(parameters));
    }

    private static @Nullable Picture picture(InputPictures.@Nullable Input input) {
        return input == null ? null : input.picture();
    }

    private static Size size(Spec parameters) {
        return switch (parameters) {
            case ImageSpec image -> image.size();
            case VideoSpec video -> video.size();
            case AudioSpec _ -> throw new IllegalArgumentException("sound has no pictures");
        };
    }
}
