package dev.darkroom.ops.topics;

/// Topics or group settings could not be read or written.
public final class TopicAdminException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /// What was tried, where, and what is wrong.
    public TopicAdminException(String message) {
        super(message);
    }

    /// What was tried, where, and the broker's words.
    public TopicAdminException(String message, Throwable cause) {
        super(message, cause);
    }
}
