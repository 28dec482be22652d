package dev.darkroom.worker;

import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.job.VideoSpec;
import dev.darkroom.worker.input.InputPictures;
import dev.darkroom.worker.media.PictureTensors;
import dev.darkroom.worker.pipeline.GuidePictures;
import java.util.Objects;

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
        Size size = size(parameters);
        int width = Objects.requireNonNull(size.width(), "filled in");
        int height = Objects.requireNonNull(size.height(), "filled in");
        InputPictures.Input init = inputs.init();
        InputPictures.Input mask = inputs.mask();
        return new GuidePictures(
                init == null ? null : PictureTensors.init(init.picture(), width, height),
                mask == null ? null : PictureTensors.mask(mask.picture(), width, height),
                inputs.control().stream()
                        .map(input -> PictureTensors.control(input.picture(), width, height))
                        .toList());
    }

    private static Size size(Spec parameters) {
        return switch (parameters) {
            case ImageSpec image -> image.size();
            case VideoSpec video -> video.size();
            case AudioSpec _ -> throw new IllegalArgumentException("sound has no pictures");
        };
    }
}
