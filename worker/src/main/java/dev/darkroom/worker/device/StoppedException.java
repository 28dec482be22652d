package dev.darkroom.worker.device;

/// Leaves a job's path because the job was stopped: cancelled, past its deadline, handed back or
/// its lock lost. Whoever stopped it knows the reason.
public final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// A stop, noticed at `where`.
    public StoppedException(String where) {
        super("stopped at " + where);
    }
}
