package dev.darkroom.ops.parity;

import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.ModelLease;
import dev.darkroom.worker.pipeline.GuidePictures;
import dev.darkroom.worker.pipeline.Pipeline;
import dev.darkroom.worker.pipeline.Pipelines;
import dev.darkroom.worker.tensor.Safetensors;
import java.io.IOException;
import java.time.Duration;
import java.util.function.UnaryOperator;

/// A case of a model, read, and ready to be run any number of times. For one thread.
final class PipelineTrial {
    private final Bench bench;
    private final Check.OfPipeline check;
    private final ModelId model;
    private final JobForm job;
    private final Safetensors reference;

    /// Reads the case.
    ///
    /// @throws IOException when one of its files cannot be read
    /// @throws ReferenceException when it is no case
    /// @throws dev.darkroom.protocol.failure.FailureException when no worker would take its job
    PipelineTrial(Bench bench, ParityFolder folder, Check.OfPipeline check) throws IOException {
        this.bench = bench;
        this.check = check;
        this.model = new ModelId(check.family());
        this.job = JobForm.read(folder.spec(check), check.family(), folder.inputs());
        this.reference = Safetensors.read(folder.reference(check));
    }

    /// One run.
    ///
    /// @param prepared the job with every default filled in
    /// @param recording what went by
    /// @param products what was made
    /// @param time that it took, without the load of the model
    record Run(Pipeline.Prepared prepared, Recording recording, Products products, Duration time) {}

    /// What the case asks for.
    Spec asked() {
        return job.spec();
    }

    /// What the model is, without its weights.
    ///
    /// @throws dev.darkroom.protocol.failure.FailureException when its folder cannot be used
    Blueprint blueprint() {
        return bench.blueprint(check.models(), model);
    }

    /// Runs the case, or the same with another spec.
    ///
    /// @param around stands between the pipeline and the device
    /// @throws IOException when an input cannot be read
    /// @throws dev.darkroom.protocol.failure.FailureException when the pipeline refuses the job
    Run run(Spec spec, UnaryOperator<Evaluator> around) throws IOException, InterruptedException {
        Pipeline pipeline = Pipelines.of(blueprint());
        Pipeline.Prepared prepared = pipeline.prepare(spec);
        GuidePictures pictures = job.inputs().of(prepared.parameters());
        try (ModelLease lease = bench.lease(check.models(), model);
                DeviceLane.Ticket ticket = bench.ticket()) {
            Recording recording = new Recording(around.apply(ticket));
            long begun = System.nanoTime();
            Media media =
                    pipeline.generate(prepared, pictures, lease.model(), recording, recording);
            Products products = Products.of(media);
            Duration time = Duration.ofNanos(System.nanoTime() - begun);
            return new Run(prepared, recording, products, time);
        }
    }

    /// How far a run is from the reference.
    Outcome.Compared compare(Run run) throws IOException {
        try {
            return new Comparison(reference).with(run.recording, run.products);
        } catch (ReferenceException e) {
            return new Outcome.Different("" + e.getMessage());
        }
    }
}
