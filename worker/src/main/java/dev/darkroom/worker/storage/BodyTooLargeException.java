package dev.darkroom.worker.storage;

/// What is being received is longer than allowed; what was received of it is dropped.
public final class BodyTooLargeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String length;

    /// @param length for example `1234 bytes long`
    private BodyTooLargeException(String length) {
        super(length);
        this.length = length;
    }

    /// A length that was announced.
    static BodyTooLargeException announced(long bytes) {
        return new BodyTooLargeException(bytes + " bytes long");
    }

    /// A length that was found on the way.
    static BodyTooLargeException found(int most) {
        return new BodyTooLargeException("more than " + most + " bytes long");
    }

    /// How long it is, for a message: `1234 bytes long`.
    public String length() {
        return length;
    }
}
