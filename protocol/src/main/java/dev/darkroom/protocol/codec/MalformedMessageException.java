package dev.darkroom.protocol.codec;

import dev.darkroom.protocol.failure.Violation;
import java.util.List;

/// Bytes that are not the event, command, status or manifest that they should be. Nobody's job is
/// to blame, so this is not a job's failure.
public final class MalformedMessageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<Violation> violations;

    /// Everything that is wrong with a message.
    ///
    /// @param what the kind of message, for example `event`
    public MalformedMessageException(String what, List<Violation> violations) {
        super("not a legal " + what + ": " + Violation.messages(violations));
        this.violations = List.copyOf(violations);
    }

    /// Everything that is wrong.
    public List<Violation> violations() {
        return violations;
    }
}
