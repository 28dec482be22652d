package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.job.VideoSpec;
import dev.darkroom.worker.model.Blueprint;
import java.util.List;
import java.util.Locale;

/// What the pipelines that make pictures from nothing but text or noise ask of a job alike.
final class Requests {
    private Requests() {}

    /// The job as one for pictures.
    ///
    /// @throws FailureException `UNSUPPORTED_PARAMETER` when it is for something else
    static ImageSpec image(Blueprint model, Spec asked) {
        return switch (asked) {
            case ImageSpec image -> image;
            case AudioSpec _, VideoSpec _ ->
                    throw new FailureException(
                            Failure.of(
                                    FailureCode.UNSUPPORTED_PARAMETER,
                                    List.of(
                                            new Violation(
                                                    "spec.kind",
                                                    asked.kind().name().toLowerCase(Locale.ROOT),
                                                    "image, which is what "
                                                            + model.name()
                                                            + " makes"))));
        };
    }

    /// Refuses pictures that guide the output.
    static void noPictures(Guides guides, Blueprint model, Terms terms) {
        String why = model.name() + " makes pictures from noise alone";
        terms.absent("init", guides.init() == null ? null : guides.init().shown(), why);
        terms.absent("strength", guides.strength(), why);
        terms.absent("mask", guides.mask() == null ? null : guides.mask().shown(), why);
        if (!guides.control().isEmpty()) {
            terms.unsupported("control", GuideTerms.items(guides), "absent: " + why);
        }
    }

    /// How many outputs, from which seed.
    ///
    /// @throws IllegalArgumentException when there is no seed: whoever knows the job's id derives
    ///   it before
    static Outputs outputs(Outputs asked, Outputs folder, Terms terms) {
        Seed seed = asked.seed();
        if (seed == null) {
            throw new IllegalArgumentException(
                    "the job has no seed; derive it from the job's id before");
        }
        int count = Terms.first(asked.count(), folder.count(), 1);
        if (count < 1) {
            terms.unsupported("count", count, "at least 1");
        }
        return new Outputs(terms.within("count", count), seed);
    }
}
