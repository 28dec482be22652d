package dev.darkroom.worker;

import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.job.JobControl;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.pipeline.GuidePictures;
import dev.darkroom.worker.pipeline.Listener;
import dev.darkroom.worker.pipeline.Pipeline.Prepared;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// A studio without models: draws a gradient in as many steps as it is told, and lets a test do
/// something at each step.
final class SketchStudio implements Studio {
    static final int SIDE = 4;

    final AtomicInteger sittings = new AtomicInteger();
    final AtomicInteger most = new AtomicInteger();
    final Set<JobId> open = ConcurrentHashMap.newKeySet();
    final CountDownLatch stopped = new CountDownLatch(1);
    volatile AtStep atStep = (job, step) -> {};
    volatile Map<Integer, Media.Withheld> withheld = Map.of();
    volatile GuidePictures guides = GuidePictures.NONE;

    /// What happens at a step.
    interface AtStep {
        void reached(JobId job, int step) throws InterruptedException;
    }

    @Override
    public String device() {
        return "pencil";
    }

    @Override
    public Prepared prepare(ModelId model, Spec spec) {
        if (!model.value().equals("sketch")) {
            throw new FailureException(
                    Failure.of(
                            FailureCode.UNKNOWN_MODEL,
                            List.of(new Violation("model", model.value(), "sketch"))));
        }
        return new Prepared(filled((ImageSpec) spec), List.of("a sketch"));
    }

    @Override
    public Sitting open(JobId job, ModelId model, JobControl control) {
        sittings.incrementAndGet();
        open.add(job);
        control.onStop(stopped::countDown);
        most.accumulateAndGet(open.size(), Math::max);
        return new Sitting() {
            @Override
            public String modelDigest() {
                return "sha256:" + "0".repeat(64);
            }

            @Override
            public Optional<Function<FloatTensor, String>> preview() {
                return Optional.of(_ -> "data:image/jpeg;base64,");
            }

            @Override
            public Media generate(Prepared prepared, GuidePictures pictures, Listener listener) {
                guides = pictures;
                return draw(job, prepared, control, listener);
            }

            @Override
            public double deviceSeconds() {
                return 0.25;
            }

            @Override
            public void close() {
                open.remove(job);
            }
        };
    }

    private static ImageSpec filled(ImageSpec asked) {
        Integer width = asked.size().width();
        if (width != null && width % SIDE != 0) {
            throw new FailureException(
                    Failure.of(
                            FailureCode.UNSUPPORTED_PARAMETER,
                            List.of(new Violation("spec.width", width.toString(), "4"))));
        }
        Outputs outputs = asked.outputs();
        return new ImageSpec(
                asked.prompt(),
                new Outputs(Objects.requireNonNullElse(outputs.count(), 1), outputs.seed()),
                new Sampling(
                        Objects.requireNonNullElse(asked.sampling().steps(), 3),
                        1.0,
                        SchedulerName.EULER,
                        0.0,
                        0.0,
                        0),
                new Size(SIDE, SIDE),
                asked.guides());
    }

    private Media draw(JobId job, Prepared prepared, JobControl control, Listener listener) {
        int steps = Objects.requireNonNull(prepared.parameters().sampling().steps());
        int count = Objects.requireNonNull(prepared.parameters().outputs().count());
        FloatTensor latents = FloatTensor.allocate(Shape.of(count, 1, SIDE, SIDE));
        listener.stage(Stage.DENOISE, steps);
        for (int step = 1; step <= steps; step++) {
            try {
                atStep.reached(job, step);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            control.check("a stroke");
            listener.step(step, latents);
        }
        List<Media.Image> images = new ArrayList<>();
        for (int index = 0; index < count; index++) {
            FloatTensor picture = FloatTensor.allocate(Shape.of(SIDE, SIDE, 3));
            for (int i = 0; i < picture.shape().elements(); i++) {
                picture.set(i, i / 64f);
            }
            Media.Withheld why = withheld.get(index);
            images.add(why == null ? new Media.Shown(picture) : why);
        }
        return new Media.Images(images);
    }
}
