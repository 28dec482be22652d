package dev.darkroom.worker.onnx;

/// A graph's file is missing, damaged, or asks for what this worker cannot give it.
public final class UnusableGraphException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// Says which file and what is wrong with it.
    public UnusableGraphException(String message) {
        super(message);
    }

    /// Says which file, and what the runtime said.
    public UnusableGraphException(String message, Throwable cause) {
        super(message, cause);
    }
}
