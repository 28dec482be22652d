package dev.darkroom.protocol.failure;

/// Ends a job with a [Failure]: thrown by whichever stage finds the reason, caught once, where the
/// job's outcome is made.
public final class FailureException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    /// A failure without an underlying exception.
    public FailureException(Failure failure) {
        super(failure.code() + ": " + failure.message());
        this.failure = failure;
    }

    /// A failure that an exception led to.
    public FailureException(Failure failure, Throwable cause) {
        super(failure.code() + ": " + failure.message(), cause);
        this.failure = failure;
    }

    /// The reason.
    public Failure failure() {
        return failure;
    }
}
