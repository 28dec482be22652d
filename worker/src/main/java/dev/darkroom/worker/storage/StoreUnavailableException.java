package dev.darkroom.worker.storage;

/// The object store cannot be reached or answers with an error of its own: waiting may help.
public final class StoreUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What was asked for, and the store's own words.
    public StoreUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
