package dev.darkroom.protocol.event;

import dev.darkroom.protocol.job.Job;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The committed outcome of a job: the one object whose conditional creation decides which outcome
/// counts.
///
/// @param jobDigest `sha256:` and the digest of the canonical JSON of the job that was run; empty
///   when the record could not be decoded
/// @param recipe how to make the outputs again; absent when there are none
/// @param terminal the complete terminal event; whoever finds the manifest publishes it unchanged
public record Manifest(String jobDigest, @Nullable Recipe recipe, JobEvent.Terminal terminal) {
    /// An outcome without outputs.
    public Manifest(String jobDigest, JobEvent.Terminal terminal) {
        this(jobDigest, null, terminal);
    }

    /// How to make a job's outputs again.
    ///
    /// @param job the job with every default filled in, the seed too
    /// @param modelDigest `sha256:` and the digest over the files of the model that made them
    /// @param inputs digests of the files that the job names, in the order of their fields
    public record Recipe(Job job, String modelDigest, List<InputDigest> inputs) {
        /// Copies the list.
        public Recipe {
            inputs = List.copyOf(inputs);
        }
    }
}
