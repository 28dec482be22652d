package dev.darkroom.protocol.failure;

import java.util.List;

/// Why a job failed.
///
/// @param code the stable reason
/// @param message for a person: whose fault it is, with the offending values
/// @param violations what is wrong with which field; empty when no field is to blame
public record Failure(FailureCode code, String message, List<Violation> violations) {
    /// Copies the list.
    public Failure {
        violations = List.copyOf(violations);
    }

    /// A failure that no single field is to blame for.
    public static Failure of(FailureCode code, String message) {
        return new Failure(code, message, List.of());
    }

    /// A failure whose message lists every violation.
    public static Failure of(FailureCode code, List<Violation> violations) {
        return new Failure(code, Violation.messages(violations), violations);
    }
}
