package dev.darkroom.ops.parity;

import org.jspecify.annotations.Nullable;

/// What came of a check.
public sealed interface Outcome {
    /// Something that is furthest from the reference.
    ///
    /// @param what for example `latents after call 3`
    /// @param error its relative error
    record Worst(String what, double error) {}

    /// It was tried and compared.
    sealed interface Compared extends Outcome {
        /// Whether everything is as near to the reference as it must be.
        boolean within();
    }

    /// A pipeline was run.
    ///
    /// @param prompt the encoded prompts; absent: the case has none that could be compared
    /// @param latents the step with the greatest error; absent: the case has none
    /// @param share of the worst output's values that are within a step of the reference's
    record Made(@Nullable Worst prompt, @Nullable Worst latents, double share) implements Compared {
        @Override
        public boolean within() {
            return near(prompt) && near(latents) && share >= Deviation.SHARE;
        }

        private static boolean near(@Nullable Worst worst) {
            return worst == null || worst.error() <= Deviation.LATENTS;
        }
    }

    /// A trajectory was followed.
    ///
    /// @param worst the greatest error of anything on the way
    record Followed(Worst worst) implements Compared {
        @Override
        public boolean within() {
            return worst.error() <= Deviation.TRAJECTORY;
        }
    }

    /// A pipeline was run, and what it made cannot be laid beside the reference: it has other
    /// sizes, or took another number of steps.
    ///
    /// @param words what is different
    record Different(String words) implements Compared {
        @Override
        public boolean within() {
            return false;
        }
    }

    /// This version cannot do what the case asks for.
    ///
    /// @param words of whoever refused it
    record NotBuilt(String words) implements Outcome {}

    /// The case, or its model, could not be run for another reason.
    ///
    /// @param words what is wrong
    record Failed(String words) implements Outcome {}
}
