package dev.darkroom.worker.job;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.job.VideoSpec;
import dev.darkroom.worker.config.WorkerConfig.LimitsConfig;
import dev.darkroom.worker.media.Encoders;
import dev.darkroom.worker.pipeline.Pipeline.Prepared;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What this worker's configuration lets jobs ask for. Immutable.
public final class Admission {
    private final LimitsConfig limits;

    /// Admission under these limits.
    public Admission(LimitsConfig limits) {
        this.limits = limits;
    }

    /// Admits a job, or refuses it with everything that this worker's configuration, the formats it
    /// writes and the model find wrong.
    ///
    /// @param model fills in the model's defaults and checks what the model allows
    /// @return the job as the model has filled it in
    /// @throws FailureException `UNSUPPORTED_PARAMETER`, or `LIMIT_EXCEEDED` when only limits are
    ///   violated, with every violation; or what else `model` throws
    public Prepared admit(Job job, Supplier<Prepared> model) {
        Set<Violation> beyond = new LinkedHashSet<>(violations(job.spec()));
        Set<Violation> unsupported = new LinkedHashSet<>();
        Optional<Prepared> prepared = Optional.empty();
        try {
            Encoders.format(job.spec().kind(), job.output());
        } catch (FailureException e) {
            unsupported.addAll(violationsOf(e));
        }
        try {
            prepared = Optional.of(model.get());
        } catch (FailureException e) {
            boolean onlyLimits = e.failure().code() == FailureCode.LIMIT_EXCEEDED;
            (onlyLimits ? beyond : unsupported).addAll(violationsOf(e));
        }
        prepared.ifPresent(filled -> beyond.addAll(violations(filled.parameters())));
        List<Violation> all = new ArrayList<>(unsupported);
        all.addAll(beyond);
        if (!all.isEmpty() || prepared.isEmpty()) {
            FailureCode code =
                    unsupported.isEmpty()
                            ? FailureCode.LIMIT_EXCEEDED
                            : FailureCode.UNSUPPORTED_PARAMETER;
            throw new FailureException(Failure.of(code, all));
        }
        return prepared.get();
    }

    /// What a refusal names; a failure that blames no field is passed on as it is.
    private static List<Violation> violationsOf(FailureException e) {
        if (e.failure().violations().isEmpty()) {
            throw e;
        }
        return e.failure().violations();
    }

    /// Everything in `spec` that is above a limit; fields that are left open are not judged.
    List<Violation> violations(Spec spec) {
        List<Violation> found = new ArrayList<>();
        characters(found, "spec.prompt", spec.prompt().text());
        characters(found, "spec.negativePrompt", spec.prompt().negative());
        atMost(found, "spec.steps", spec.sampling().steps(), limits.steps());
        atMost(found, "spec.count", spec.outputs().count(), limits.count());
        switch (spec) {
            case ImageSpec image -> size(found, image.size());
            case VideoSpec video -> size(found, video.size());
            case AudioSpec _ -> {
                // Sound has no size in pixels.
            }
        }
        return List.copyOf(found);
    }

    private void characters(List<Violation> found, String field, @Nullable String text) {
        int count = text == null ? 0 : text.codePointCount(0, text.length());
        if (count > limits.promptCharacters()) {
            found.add(
                    new Violation(
                            field,
                            count + " characters long",
                            "at most " + limits.promptCharacters() + " characters"));
        }
    }

    private void size(List<Violation> found, Size size) {
        atMost(found, "spec.width", size.width(), limits.side());
        atMost(found, "spec.height", size.height(), limits.side());
        if (size.width() != null
                && size.height() != null
                && (long) size.width() * size.height() > limits.pixels()) {
            found.add(
                    new Violation(
                            "spec.width × spec.height",
                            size.width() + " × " + size.height(),
                            "at most " + limits.pixels() + " pixels"));
        }
    }

    private static void atMost(
            List<Violation> found, String field, @Nullable Integer value, int greatest) {
        if (value != null && value > greatest) {
            found.add(new Violation(field, value.toString(), "at most " + greatest));
        }
    }
}
