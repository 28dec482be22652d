package dev.darkroom.ops.local;

/// An embedded service could not be started or stopped.
public final class LocalServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Which service, where, and the cause.
    public LocalServiceException(String message, Throwable cause) {
        super(message, cause);
    }
}
