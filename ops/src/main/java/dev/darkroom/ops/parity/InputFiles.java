package dev.darkroom.ops.parity;

import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.Control;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.job.VideoSpec;
import dev.darkroom.worker.media.Picture;
import dev.darkroom.worker.media.PictureLimits;
import dev.darkroom.worker.media.PictureRefusedException;
import dev.darkroom.worker.media.Pictures;
import dev.darkroom.worker.pipeline.GuidePictures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The files that stand for a job's inputs.
///
/// @param byAddress the files, by the addresses that the job has for them
record InputFiles(Map<String, Path> byAddress) {
    /// More than a case will want, and no more than a decoder should be given.
    private static final PictureLimits LIMITS = new PictureLimits(16_384, 1 << 26);

    /// Copies the map.
    InputFiles {
        byAddress = Map.copyOf(byAddress);
    }

    /// The pictures that a prepared job names, decoded and brought to its size.
    ///
    /// @throws IOException when a file cannot be read
    /// @throws ReferenceException when a file is no picture, or the job names none of these files
    GuidePictures of(Spec prepared) throws IOException {
        return switch (prepared) {
            case ImageSpec image -> pictures(image.guides(), image.size());
            case AudioSpec _, VideoSpec _ -> GuidePictures.NONE;
        };
    }

    private GuidePictures pictures(Guides guides, Size size) throws IOException {
        if (guides.equals(Guides.NONE)) {
            return GuidePictures.NONE;
        }
        InputUri init = guides.init();
        InputUri mask = guides.mask();
        List<Picture> control = new ArrayList<>();
        for (Control network : guides.control()) {
            control.add(picture(network.image()));
        }
        return GuidePictures.resized(
                init == null ? null : picture(init),
                mask == null ? null : picture(mask),
                control,
                size);
    }

    private Picture picture(InputUri address) throws IOException {
        Path file = byAddress.get(address.uri());
        if (file == null) {
            throw new ReferenceException(
                    address.uri() + " is no file of inputs/; legal: the name of one");
        }
        try {
            return Pictures.decode(Files.readAllBytes(file), LIMITS);
        } catch (PictureRefusedException e) {
            throw new ReferenceException(file + " is " + e.found() + "; legal: " + e.legal(), e);
        }
    }
}
