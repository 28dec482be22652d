package dev.darkroom.worker.job;

import java.time.Instant;

/// Why a job has to stop before its end.
public sealed interface Stop {
    /// Somebody cancelled it: its outcome is `cancelled`.
    ///
    /// @param reason as the command gave it
    record Cancelled(String reason) implements Stop {}

    /// Its deadline passed: its outcome is `failed`.
    ///
    /// @param deadline when
    record DeadlinePassed(Instant deadline) implements Stop {}

    /// Its record belongs to another worker now, who makes the outcome.
    record LockLost() implements Stop {}

    /// This worker ends before the job does; another one makes the outcome.
    record Draining() implements Stop {}

    /// In words, for people.
    default String words() {
        return switch (this) {
            case Cancelled(String reason) -> "it was cancelled: " + reason;
            case DeadlinePassed(Instant deadline) -> "its deadline, " + deadline + ", passed";
            case LockLost _ -> "its lock was lost";
            case Draining _ -> "this worker is ending";
        };
    }

    /// Whether an outcome is still this worker's to make.
    default boolean endsTheJob() {
        return switch (this) {
            case Cancelled _, DeadlinePassed _ -> true;
            case LockLost _, Draining _ -> false;
        };
    }
}
