package dev.darkroom.worker.storage;

/// The object store refuses the request: the bucket is missing, or access is denied.
public final class StoreRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What was asked for, and the store's own words.
    public StoreRefusedException(String message, Throwable cause) {
        super(message, cause);
    }
}
