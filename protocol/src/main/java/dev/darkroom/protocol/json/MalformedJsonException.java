package dev.darkroom.protocol.json;

/// Bytes that are not one JSON text, or one beyond the bounds that are read.
public final class MalformedJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String problem;

    /// What is wrong with the bytes.
    public MalformedJsonException(String problem) {
        super(problem);
        this.problem = problem;
    }

    /// What is wrong with the bytes, as a parser found it.
    public MalformedJsonException(String problem, Throwable cause) {
        super(problem, cause);
        this.problem = problem;
    }

    /// What is wrong with the bytes, for a person.
    public String problem() {
        return problem;
    }
}
