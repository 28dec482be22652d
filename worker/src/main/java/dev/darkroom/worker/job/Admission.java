package dev.darkroom.worker.job;

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
import dev.darkroom.worker.input.InputRules;
import dev.darkroom.worker.media.Encoders;
import dev.darkroom.worker.pipeline.Pipeline.Prepared;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What this worker's configuration lets jobs ask for. Immutable.
public final class Admission {
    private final LimitsConfig limits;
    private final InputRules inputs;

    /// Admission under these limits.
    ///
    /// @param inputs where inputs may lie
    public Admission(LimitsConfig limits, InputRules inputs) {
        this.limits = limits;
        this.inputs = inputs;
    }

    /// Admits a job, or refuses it with everything that this worker's configuration, the formats it
    /// writes and the model find wrong.
    ///
    /// @param model fills in the model's defaults and checks what the model allows
    /// @return the job as the model has filled it in
    /// @throws FailureException `UNKNOWN_MODEL`, else `UNSUPPORTED_PARAMETER`, else
    ///   `LIMIT_EXCEEDED`, else `INPUT_REJECTED` (an input's address), with every violation, one
    ///   for each field; or what else `model` throws
    public Prepared admit(Job job, Supplier<Prepared> model) {
        Refusal refusal = new Refusal();
        Optional<Prepared> prepared = Optional.empty();
        try {
            prepared = Optional.of(model.get());
        } catch (FailureException e) {
            refusal.add(e.failure().code(), violationsOf(e));
        }
        Spec asked = prepared.map(Prepared::parameters).orElseGet(job::spec);
        try {
            Encoders.format(asked, job.output());
        } catch (FailureException e) {
            refusal.add(e.failure().code(), violationsOf(e));
        }
        refusal.add(FailureCode.LIMIT_EXCEEDED, violations(asked));
        refusal.add(FailureCode.INPUT_REJECTED, inputs.violations(asked));
        refusal.check();
        return prepared.orElseThrow();
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
