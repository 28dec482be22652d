package dev.darkroom.worker.device;

/// A run ended early because it was asked to.
public final class RunTerminatedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// With the runtime's own words.
    public RunTerminatedException(String message, Throwable cause) {
        super(message, cause);
    }
}
