package dev.darkroom.worker;

import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.job.JobControl;
import dev.darkroom.worker.media.LatentColours;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.media.Preview;
import dev.darkroom.worker.model.LoadedModel;
import dev.darkroom.worker.model.ModelLease;
import dev.darkroom.worker.model.Models;
import dev.darkroom.worker.pipeline.GuidePictures;
import dev.darkroom.worker.pipeline.Listener;
import dev.darkroom.worker.pipeline.Pipeline.Prepared;
import dev.darkroom.worker.pipeline.Pipelines;
import dev.darkroom.worker.tensor.FloatTensor;
import java.util.Optional;
import java.util.function.Function;

/// The models of this worker on its device.
///
/// @param device its name
/// @param models the models
/// @param lane the device
record ModelStudio(String device, Models models, DeviceLane lane) implements Studio {
    @Override
    public Prepared prepare(ModelId model, Spec spec) {
        return Pipelines.of(models.blueprint(model)).prepare(spec);
    }

    @Override
    public Sitting open(JobId job, ModelId model, JobControl control) throws InterruptedException {
        control.onStop(models::recheck);
        ModelLease lease = models.lease(model, () -> control.reason().isPresent());
        DeviceLane.Ticket ticket = lane.open(job);
        control.onStop(ticket::stop);
        return new ModelSitting(lease, ticket);
    }

    /// One job's lease and ticket.
    ///
    /// @param lease keeps the model loaded
    /// @param ticket the job's place at the device
    private record ModelSitting(ModelLease lease, DeviceLane.Ticket ticket) implements Sitting {
        @Override
        public String modelDigest() {
            return model().digest();
        }

        @Override
        public Optional<Function<FloatTensor, String>> preview() {
            LatentColours colours = model().blueprint().folder().notes().preview();
            return colours == null ? Optional.empty() : Optional.of(new Preview(colours)::dataUri);
        }

        @Override
        public Media generate(Prepared prepared, GuidePictures pictures, Listener listener) {
            return Pipelines.of(model().blueprint())
                    .generate(prepared, pictures, model(), ticket, listener);
        }

        @Override
        public double deviceSeconds() {
            return ticket.deviceSeconds();
        }

        @Override
        public void close() {
            ticket.close();
            lease.close();
        }

        private LoadedModel model() {
            return lease.model();
        }
    }
}
