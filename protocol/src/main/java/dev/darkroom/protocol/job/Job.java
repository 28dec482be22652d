package dev.darkroom.protocol.job;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request to make media, as a backend submits it.
///
/// @param specVersion version of this format; [#SPEC_VERSION] is the newest known here
/// @param id chosen by the submitter: the idempotency key
/// @param model which model makes it
/// @param spec what to make
/// @param output how and where to store it
/// @param progress what progress to report
/// @param deadline past it the job fails wherever it is; absent: none
/// @param maxAttempts real failures after which a job that may be retried fails for good, at least
///   1
/// @param labels echoed in every event, never interpreted
public record Job(
        int specVersion,
        JobId id,
        ModelId model,
        Spec spec,
        Output output,
        ProgressOptions progress,
        @Nullable Instant deadline,
        int maxAttempts,
        Map<String, String> labels) {
    /// The version of the job format that this library writes.
    public static final int SPEC_VERSION = 1;

    /// Attempts of a job that does not say how many.
    public static final int DEFAULT_MAX_ATTEMPTS = 3;

    /// Copies the map.
    public Job {
        labels = Map.copyOf(labels);
    }

    /// Starts a job that makes pictures.
    public static JobBuilder image(String model, String prompt) {
        return new JobBuilder(Kind.IMAGE, model).prompt(prompt);
    }

    /// Starts a job that makes sound.
    public static JobBuilder audio(String model, String prompt) {
        return new JobBuilder(Kind.AUDIO, model).prompt(prompt);
    }

    /// Starts a job that makes frames in time.
    public static JobBuilder video(String model, String prompt) {
        return new JobBuilder(Kind.VIDEO, model).prompt(prompt);
    }

    /// Starts a job for a model that needs no prompt.
    public static JobBuilder unconditional(Kind kind, String model) {
        return new JobBuilder(kind, model);
    }
}
