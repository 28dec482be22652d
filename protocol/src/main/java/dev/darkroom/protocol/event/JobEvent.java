package dev.darkroom.protocol.event;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Spec;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Something that happened to a job.
public sealed interface JobEvent {
    /// Which job, when and where.
    EventHeader header();

    /// A worker began the job.
    ///
    /// @param header which job, when and where
    /// @param model the model
    /// @param device for example `cpu` or `cuda:NVIDIA H100`
    /// @param modelDigest `sha256:` and the digest over the model folder's files
    /// @param parameters every default filled in: enough to reproduce the job
    /// @param inputs digests of the files that the parameters name, in the order of their fields
    /// @param warnings what the submitter may want to know, such as a prompt that was cut
    /// @param resumedAtStep step at which a checkpoint went on; absent: from the start
    record Started(
            EventHeader header,
            ModelId model,
            String device,
            String modelDigest,
            Spec parameters,
            List<InputDigest> inputs,
            List<String> warnings,
            @Nullable Integer resumedAtStep)
            implements JobEvent {
        /// Copies the lists.
        public Started {
            inputs = List.copyOf(inputs);
            warnings = List.copyOf(warnings);
        }
    }

    /// The job went on a little.
    ///
    /// @param header which job, when and where
    /// @param output index of the output, from 0; absent: all of them at once
    /// @param stage where on its path the job is
    /// @param step steps done in this stage
    /// @param steps steps of this stage in all
    /// @param fraction share of the whole job that is done, 0 to 1, never falling within an attempt
    /// @param etaMillis estimated time left; absent: not known yet
    /// @param preview small picture or waveform as a `data:` URI of at most 8 KiB; absent: none
    record Progress(
            EventHeader header,
            @Nullable Integer output,
            Stage stage,
            int step,
            int steps,
            double fraction,
            @Nullable Long etaMillis,
            @Nullable String preview)
            implements JobEvent {}

    /// The job failed in a way that may pass and will be tried again.
    ///
    /// @param header which job, when and where
    /// @param failure why
    /// @param nextAttemptAt not before this time
    record Retrying(EventHeader header, Failure failure, Instant nextAttemptAt)
            implements JobEvent {}

    /// A worker gave the job back unfinished, for another to go on with.
    ///
    /// @param header which job, when and where
    /// @param step steps done
    /// @param steps steps in all
    /// @param checkpoint address of the saved state; absent: start over
    record HandedBack(EventHeader header, int step, int steps, @Nullable String checkpoint)
            implements JobEvent {}

    /// The one end of a job.
    sealed interface Terminal extends JobEvent {}

    /// The outputs are stored.
    ///
    /// @param header which job, when and where
    /// @param artifacts one per output, in order
    /// @param cost where the time went
    /// @param manifest address of the manifest object
    record Completed(EventHeader header, List<Artifact> artifacts, Cost cost, String manifest)
            implements Terminal {
        /// Copies the list.
        public Completed {
            artifacts = List.copyOf(artifacts);
        }
    }

    /// The job ended without outputs.
    ///
    /// @param header which job, when and where; its `attempt` counts the attempts made
    /// @param failure why
    record Failed(EventHeader header, Failure failure) implements Terminal {}

    /// The job was cancelled.
    ///
    /// @param header which job, when and where
    /// @param reason as the cancel command gave it
    /// @param step steps done
    /// @param steps steps in all; 0 when it had not begun
    record Cancelled(EventHeader header, String reason, int step, int steps) implements Terminal {}
}
