package dev.darkroom.worker.telemetry;

/// The keys under which log lines carry what they are about (SLF4J's mapped diagnostic context).
public final class LogKey {
    /// The job in hand.
    public static final String JOB = "job";

    private LogKey() {}
}
