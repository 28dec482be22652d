package dev.darkroom.ops.parity;

import java.time.Duration;
import java.util.List;

/// A check that was tried.
///
/// @param check what was tried
/// @param outcome what came of it
/// @param time of the computation, without the load of the model
/// @param hints what may help to see why it is outside its tolerance
public record Finding(Check check, Outcome outcome, Duration time, List<String> hints) {
    /// Copies the list.
    public Finding {
        hints = List.copyOf(hints);
    }

    /// The four ends that a check can come to.
    public enum Verdict {
        /// As near to the reference as it must be.
        WITHIN,
        /// Further away than it may be.
        OUTSIDE,
        /// This version cannot do what the case asks for.
        NOT_BUILT,
        /// It could not be run for another reason.
        FAILED
    }

    /// How it ended.
    public Verdict verdict() {
        return switch (outcome) {
            case Outcome.Compared compared -> compared.within() ? Verdict.WITHIN : Verdict.OUTSIDE;
            case Outcome.NotBuilt _ -> Verdict.NOT_BUILT;
            case Outcome.Failed _ -> Verdict.FAILED;
        };
    }
}
