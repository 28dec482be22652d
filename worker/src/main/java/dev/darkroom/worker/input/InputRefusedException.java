package dev.darkroom.worker.input;

import dev.darkroom.protocol.failure.FailureCode;

/// An input that is not there or may not be taken.
final class InputRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureCode code;
    private final String found;
    private final String legal;

    /// @param found what was found at its address, for example `1234 bytes long`
    InputRefusedException(FailureCode code, String found, String legal) {
        super(found + "; legal: " + legal);
        this.code = code;
        this.found = found;
        this.legal = legal;
    }

    FailureCode code() {
        return code;
    }

    String found() {
        return found;
    }

    String legal() {
        return legal;
    }
}
