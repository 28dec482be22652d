package dev.darkroom.worker.job;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything that is wrong with one job, one violation for each field: where several judges find
/// fault with the same field, what is legal for all of them. Used by one thread.
final class Refusal {
    /// The gravest first: it names the refusal.
    private static final List<FailureCode> GRAVITY =
            List.of(
                    FailureCode.UNKNOWN_MODEL,
                    FailureCode.UNSUPPORTED_PARAMETER,
                    FailureCode.LIMIT_EXCEEDED,
                    FailureCode.INPUT_REJECTED);

    private final Map<String, Violation> byField = new LinkedHashMap<>();
    private @Nullable FailureCode gravest;

    /// One judge's findings.
    void add(FailureCode code, List<Violation> found) {
        for (Violation violation : found) {
            byField.merge(violation.field(), violation, Refusal::both);
            if (gravest == null || GRAVITY.indexOf(code) < GRAVITY.indexOf(gravest)) {
                gravest = code;
            }
        }
    }

    /// Refuses the job if anything was found.
    ///
    /// @throws FailureException with all of it
    void check() {
        if (gravest != null) {
            throw new FailureException(Failure.of(gravest, new ArrayList<>(byField.values())));
        }
    }

    private static Violation both(Violation first, Violation second) {
        return first.legal().contains(second.legal())
                ? first
                : new Violation(
                        first.field(), first.value(), first.legal() + ", and " + second.legal());
    }
}
