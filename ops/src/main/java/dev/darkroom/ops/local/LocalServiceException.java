package dev.darkroom.ops.local;

import org.jspecify.annotations.Nullable;

/// An embedded service could not be started or stopped.
public final class LocalServiceException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Which service, where, and the cause where there is one.
    public LocalServiceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
