package dev.darkroom.ops.parity;

import java.io.Serial;

/// A case that cannot be tried as it lies on the disk: says which part of it, and what is legal.
public final class ReferenceException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /// A case with nothing underneath that a person would want to see.
    ReferenceException(String message) {
        super(message);
    }

    /// A case that another exception stands in the way of.
    ReferenceException(String message, Throwable cause) {
        super(message, cause);
    }
}
