package dev.darkroom.worker.input;

import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.job.VideoSpec;
import java.util.ArrayList;
import java.util.List;

/// An input and the field that names it.
///
/// @param field for example `spec.control[0].image.uri`
/// @param uri where it lies
record Named(String field, InputUri uri) {
    static final String INIT = "spec.init.uri";
    static final String MASK = "spec.mask.uri";

    /// The field of a control network's picture.
    static String control(int index) {
        return "spec.control[" + index + "].image.uri";
    }

    /// A job's inputs, in the order of its fields.
    static List<Named> of(Spec spec) {
        Guides guides = guides(spec);
        List<Named> inputs = new ArrayList<>();
        if (guides.init() != null) {
            inputs.add(new Named(INIT, guides.init()));
        }
        if (guides.mask() != null) {
            inputs.add(new Named(MASK, guides.mask()));
        }
        for (int i = 0; i < guides.control().size(); i++) {
            inputs.add(new Named(control(i), guides.control().get(i).image()));
        }
        return inputs;
    }

    /// The pictures that guide a job's output.
    static Guides guides(Spec spec) {
        return switch (spec) {
            case ImageSpec image -> image.guides();
            case VideoSpec video -> video.guides();
            case AudioSpec _ -> Guides.NONE;
        };
    }
}
