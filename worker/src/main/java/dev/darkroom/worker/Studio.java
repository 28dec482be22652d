package dev.darkroom.worker;

import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.job.JobControl;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.pipeline.GuidePictures;
import dev.darkroom.worker.pipeline.Listener;
import dev.darkroom.worker.pipeline.Pipeline.Prepared;
import dev.darkroom.worker.tensor.FloatTensor;
import java.util.Optional;
import java.util.function.Function;

/// Models and a device: where media are made. Safe for any thread; calls block and are meant for
/// virtual threads.
interface Studio {
    /// For events and status, for example `cpu`.
    String device();

    /// Fills in every default of a model, and checks what is asked of it. Loads nothing.
    ///
    /// @param spec as the job asks for it, its seed filled in
    /// @throws dev.darkroom.protocol.failure.FailureException with every violation; `UNKNOWN_MODEL`
    Prepared prepare(ModelId model, Spec spec);

    /// Makes a model ready for a job, and keeps it so until the sitting is closed.
    ///
    /// @param control its stop ends the job's work on the device
    /// @throws dev.darkroom.protocol.failure.FailureException whatever keeps the model from being
    ///   loaded
    Sitting open(JobId job, ModelId model, JobControl control) throws InterruptedException;

    /// One job's stay. Owned by the job's thread.
    interface Sitting extends AutoCloseable {
        /// `sha256:` and the digest over the model's files.
        String modelDigest();

        /// Makes a preview of one output's latents, where the model has the means.
        Optional<Function<FloatTensor, String>> preview();

        /// Makes the media of a job that [Studio#prepare] has prepared for this model.
        ///
        /// @param pictures those that the job names, at the job's size
        /// @throws dev.darkroom.worker.device.StoppedException when the job was stopped
        Media generate(Prepared prepared, GuidePictures pictures, Listener listener);

        /// Device time of the job's rows so far.
        double deviceSeconds();

        @Override
        void close();
    }
}
