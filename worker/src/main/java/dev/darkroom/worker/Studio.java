package dev.darkroom.worker;

import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.job.JobControl;
import dev.darkroom.worker.media.Media;
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

    /// Makes a model ready for a job, and keeps it so until the sitting is closed.
    ///
    /// @param control its stop ends the job's work on the device
    /// @throws dev.darkroom.protocol.failure.FailureException `UNKNOWN_MODEL` and whatever else
    ///   keeps the model from being loaded
    Sitting open(JobId job, Order order, JobControl control) throws InterruptedException;

    /// What a sitting is for.
    ///
    /// @param model by name
    /// @param spec as the job asks for it, its seed filled in
    record Order(ModelId model, Spec spec) {}

    /// One job's stay. Owned by the job's thread.
    interface Sitting extends AutoCloseable {
        /// `sha256:` and the digest over the model's files.
        String modelDigest();

        /// Fills in every default of the model, and checks the order.
        ///
        /// @throws dev.darkroom.protocol.failure.FailureException with every violation
        Prepared prepare();

        /// Makes a preview of one output's latents, where the model has the means.
        Optional<Function<FloatTensor, String>> preview();

        /// Makes the media.
        ///
        /// @throws dev.darkroom.worker.device.StoppedException when the job was stopped
        Media generate(Prepared prepared, Listener listener);

        /// Device time of the job's rows so far.
        double deviceSeconds();

        @Override
        void close();
    }
}
