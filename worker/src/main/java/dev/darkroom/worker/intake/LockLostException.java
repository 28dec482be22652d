package dev.darkroom.worker.intake;

/// The broker gave the record's lock to somebody else.
public final class LockLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// With the broker's own words.
    public LockLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
