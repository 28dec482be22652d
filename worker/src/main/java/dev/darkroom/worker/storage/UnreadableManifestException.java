package dev.darkroom.worker.storage;

/// There is an object where a job's outcome belongs, and it is no manifest that is known here: a
/// newer worker wrote it, or something that is no worker. Waiting does not help, and there must not
/// be another outcome beside it.
public final class UnreadableManifestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// The object's address, what is wrong with it, and the remedy.
    public UnreadableManifestException(String message, Throwable cause) {
        super(message, cause);
    }
}
