package dev.darkroom.worker.text;

import java.io.Serial;

/// A tokenizer folder that cannot be used: the file, and what is wrong with it.
public final class TokenizerException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    /// Says what is wrong.
    TokenizerException(String message) {
        super(message);
    }

    /// Says what is wrong, and what it was found by.
    TokenizerException(String message, Throwable cause) {
        super(message, cause);
    }
}
