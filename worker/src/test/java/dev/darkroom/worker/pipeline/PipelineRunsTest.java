package dev.darkroom.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Prompt;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.model.ModelLease;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How pipelines run, with real graphs on the real lane. That they make what the reference makes is
/// shown by the command `parity`, which the suite runs over all cases.
class PipelineRunsTest {
    private static final Path FIXTURES = Path.of(System.getProperty("fixtures"));

    private static Studio tiny;
    private static Studio optimum;
    private static Studio shipped;

    @BeforeAll
    static void open() {
        tiny = Studio.open(FIXTURES.resolve("models"));
        optimum = Studio.open(FIXTURES.resolve("models-optimum"));
        shipped = Studio.open(Path.of(System.getProperty("models")));
    }

    @AfterAll
    static void close() {
        Stream.of(tiny, optimum, shipped).forEach(Studio::close);
    }

    @ParameterizedTest
    @CsvSource({"tiny, ddpm", "tiny, sd", "optimum, sd", "shipped, emoji"})
    void usesOneEvaluationForAllCalls(String studio, String model) throws InterruptedException {
        ImageSpec asked =
                new ImageSpec(
                        model.equals("ddpm") ? Prompt.NONE : new Prompt("a panda", null),
                        new Outputs(2, new Seed(1)),
                        new Sampling(3, null, null, null, null, null),
                        Size.DEFAULT,
                        Guides.NONE);
        try (Run run = new Run(studio(studio), new ModelId(model))) {
            run.generate(asked);
            assertThat(run.steps).isGreaterThanOrEqualTo(3);
            assertThat(run.denoisings).hasSize(1);
        }
    }

    private static Studio studio(String name) {
        return switch (name) {
            case "tiny" -> tiny;
            case "optimum" -> optimum;
            case "shipped" -> shipped;
            default -> throw new AssertionError(name);
        };
    }

    /// A thousand deterministic steps through random weights: a start that differs by 1e-6 ends in
    /// another picture, in the reference too, so only what such pictures have in common can be
    /// held.
    @Test
    void aThousandStepsEndInAPictureWithTheReferencesMeanAndSpread()
            throws IOException, InterruptedException {
        Path chaotic = FIXTURES.resolve("chaotic/ddpm");
        JsonNode json =
                new ObjectMapper().readTree(chaotic.resolve("all-1000-steps.json").toFile());
        FloatTensor reference =
                Safetensors.read(chaotic.resolve("all-1000-steps.safetensors")).floats("image");
        try (Run run = new Run(tiny, new ModelId("ddpm"))) {
            Media.Images made = run.generate(JobCodec.decodeSpec(json.required("spec")));

            assertThat(run.steps).isEqualTo(1000);
            DoubleSummaryStatistics values = statistics(picture(made, 0));
            DoubleSummaryStatistics wanted = statistics(reference);
            assertThat(values.getAverage()).isCloseTo(wanted.getAverage(), within(0.02));
            assertThat(spread(picture(made, 0))).isCloseTo(spread(reference), within(0.02));
        }
    }

    private static FloatTensor picture(Media.Images made, int output) {
        return ((Media.Shown) made.images().get(output)).picture();
    }

    private static DoubleSummaryStatistics statistics(FloatTensor tensor) {
        return IntStream.range(0, tensor.shape().elements())
                .mapToDouble(tensor::get)
                .summaryStatistics();
    }

    /// The standard deviation.
    private static double spread(FloatTensor tensor) {
        double mean = statistics(tensor).getAverage();
        return Math.sqrt(
                IntStream.range(0, tensor.shape().elements())
                        .mapToDouble(i -> Math.pow(tensor.get(i) - mean, 2))
                        .average()
                        .orElseThrow());
    }

    @Test
    void runningAgainFromThePreparedParametersGivesTheSameBytes() throws InterruptedException {
        // Rows of one job alone: with company, other batch sizes round differently.
        Spec asked =
                new ImageSpec(
                        new Prompt("a panda", null),
                        new Outputs(2, new Seed(-1)),
                        new Sampling(3, null, SchedulerName.EULER_ANCESTRAL, null, null, null),
                        Size.DEFAULT,
                        Guides.NONE);
        try (Run run = new Run(shipped, new ModelId("emoji"))) {
            Pipeline.Prepared once = run.pipeline().prepare(asked);
            assertThat(run.pipeline().prepare(once.parameters())).isEqualTo(once);

            Media.Images first = run.generate(asked);
            Media.Images second = run.generate(once.parameters());
            for (int i = 0; i < 2; i++) {
                assertThat(picture(second, i).toArray()).isEqualTo(picture(first, i).toArray());
            }
        }
    }

    /// A model at the device; counts what goes by.
    private static final class Run implements Evaluator, Listener, AutoCloseable {
        private final ModelLease lease;
        private final DeviceLane.Ticket ticket;
        final Set<Evaluation> denoisings = Collections.newSetFromMap(new IdentityHashMap<>());
        int steps;

        Run(Studio studio, ModelId model) throws InterruptedException {
            this.lease = studio.models().lease(model);
            this.ticket = studio.lane().open(new JobId("run"));
        }

        Pipeline pipeline() {
            return Pipelines.of(lease.model().blueprint());
        }

        Media.Images generate(Spec asked) {
            steps = 0;
            Pipeline.Prepared prepared = pipeline().prepare(asked);
            return (Media.Images)
                    pipeline().generate(prepared, GuidePictures.NONE, lease.model(), this, this);
        }

        @Override
        public void evaluate(Evaluation evaluation) {
            if (evaluation.inputs().containsKey("timestep")) {
                denoisings.add(evaluation);
            }
            ticket.evaluate(evaluation);
        }

        @Override
        public void stage(Stage stage, int steps) {}

        @Override
        public void step(int step, FloatTensor sample) {
            steps++;
            assertThat(step).isEqualTo(steps);
        }

        @Override
        public void close() {
            ticket.close();
            lease.close();
        }
    }
}
