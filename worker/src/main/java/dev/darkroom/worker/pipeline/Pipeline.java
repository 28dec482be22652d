package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.model.LoadedModel;
import java.util.List;

/// A way to make media: a model family's task, as one model's blueprint has it. Immutable; many
/// jobs use one at a time.
public interface Pipeline {
    /// Fills every field that the job left open with the folder's default, and checks what the
    /// family can tell before any work is done; the model need not be loaded for that.
    ///
    /// @throws dev.darkroom.protocol.failure.FailureException with every violation at once:
    ///   `UNSUPPORTED_PARAMETER` or `LIMIT_EXCEEDED`
    Prepared prepare(Spec asked);

    /// Makes the media of a prepared job: encodes the text, draws the noise, runs the sampler,
    /// decodes. Runs on the job's virtual thread; every graph runs through `device`.
    ///
    /// @param pictures those that the job names, at the job's size
    /// @param model the loaded model of this pipeline's blueprint
    /// @throws dev.darkroom.worker.device.StoppedException when the job was stopped
    /// @throws dev.darkroom.protocol.failure.FailureException with the reason
    Media generate(
            Prepared job,
            GuidePictures pictures,
            LoadedModel model,
            Evaluator device,
            Listener listener);

    /// A job that this pipeline can do.
    ///
    /// @param parameters every default filled in: enough to reproduce the job
    /// @param warnings what the submitter may want to know, such as a prompt that was cut
    record Prepared(Spec parameters, List<String> warnings) {
        /// Copies the list.
        public Prepared {
            warnings = List.copyOf(warnings);
        }
    }
}
