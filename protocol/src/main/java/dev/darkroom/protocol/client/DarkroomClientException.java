package dev.darkroom.protocol.client;

/// What a client could not do, and why: the brokers are away, a topic is missing, access is denied,
/// or the client was closed.
public final class DarkroomClientException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    DarkroomClientException(String message) {
        super(message);
    }

    DarkroomClientException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
