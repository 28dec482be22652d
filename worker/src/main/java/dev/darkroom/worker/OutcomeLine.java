package dev.darkroom.worker;

import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.Job;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/// The one line that is logged of a job's outcome. Prompts are in it only where they are allowed.
final class OutcomeLine {
    private OutcomeLine() {}

    /// What may be in a line.
    enum Prompts {
        /// Prompts may be logged.
        SHOWN,
        /// They may not.
        HIDDEN
    }

    /// For example `emoji: 4 outputs in 2.31 s (load 0.00, encode 0.02, …), 1.90 s on the device`.
    static String of(Completed completed, Job job, Prompts prompts) {
        Map<Stage, Duration> stages = completed.cost().stages();
        Duration total = stages.values().stream().reduce(Duration.ZERO, Duration::plus);
        long delivered =
                completed.artifacts().stream().filter(Artifact.Stored.class::isInstance).count();
        String times =
                stages.entrySet().stream()
                        .map(entry ->
                                entry.getKey().name().toLowerCase(Locale.ROOT)
                                        + " "
                                        + seconds(entry.getValue()))
                        .collect(Collectors.joining(", "));
        return job.model()
                + ": "
                + delivered
                + " of "
                + completed.artifacts().size()
                + " outputs in "
                + seconds(total)
                + " s ("
                + times
                + "), "
                + String.format(Locale.ROOT, "%.2f", completed.cost().deviceSeconds())
                + " s on the device"
                + switch (prompts) {
                    case SHOWN -> "; prompt: " + job.spec().prompt().text();
                    case HIDDEN -> "";
                };
    }

    /// Code and message; without prompts, what is wrong is named by field and legal values alone
    /// wherever the value may be a prompt: in its own fields, and anywhere in a record that is no
    /// job, since nobody knows what stands where in that.
    static String of(Failure failure, Prompts prompts) {
        String message =
                switch (prompts) {
                    case SHOWN -> failure.message();
                    case HIDDEN ->
                            failure.violations().isEmpty()
                                    ? failure.message()
                                    : Violation.sentences(
                                            failure.violations().stream()
                                                    .map(violation ->
                                                            withoutPrompt(failure, violation))
                                                    .toList());
                };
        return failure.code() + ": " + message;
    }

    private static String withoutPrompt(Failure failure, Violation violation) {
        boolean mayBeOne =
                failure.code() == FailureCode.INVALID_JOB
                        || violation.field().toLowerCase(Locale.ROOT).contains("prompt");
        return mayBeOne && !violation.isOfUnknownField()
                ? violation.field() + "; legal: " + violation.legal()
                : violation.message();
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.2f", time.toNanos() / 1e9);
    }
}
