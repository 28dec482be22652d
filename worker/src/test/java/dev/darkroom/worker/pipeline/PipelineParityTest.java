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
import dev.darkroom.worker.Parity;
import dev.darkroom.worker.Safetensors;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.model.LoadedModel;
import dev.darkroom.worker.model.ModelLease;
import dev.darkroom.worker.sampling.Schedulers;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.DoubleSummaryStatistics;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the pipelines make of every reference case, with real graphs on the real lane: the same as
/// the reference, from the prompt's encoding to the last pixel.
class PipelineParityTest {
    private static final Path CASES = Path.of(System.getProperty("fixtures"), "cases");
    private static final ObjectMapper JSON = new ObjectMapper();

    /// A thousand deterministic steps through random weights: a start that differs by 1e-6 ends in
    /// another picture, in the reference too, so only what such pictures have in common can be
    /// held.
    private static final String CHAOTIC = "all-1000-steps";

    private static Studio tiny;
    private static Studio optimum;
    private static Studio shipped;

    /// A case of the reference, and where its model lies.
    record Case(String name, String folder, Studio models) {
        @Override
        public String toString() {
            return name + " in " + folder;
        }
    }

    @BeforeAll
    static void open() {
        Path fixtures = Path.of(System.getProperty("fixtures"));
        tiny = Studio.open(fixtures.resolve("models"));
        optimum = Studio.open(fixtures.resolve("models-optimum"));
        shipped = Studio.open(Path.of(System.getProperty("models")));
    }

    @AfterAll
    static void close() {
        Stream.of(tiny, optimum, shipped).forEach(Studio::close);
    }

    static Stream<Case> cases() throws IOException {
        return Stream.of(
                        in("ddpm", "models", tiny),
                        in("sd", "models", tiny),
                        in("sd", "models-optimum", optimum),
                        in("emoji", "ops/models", shipped))
                .flatMap(List::stream);
    }

    private static List<Case> in(String family, String folder, Studio models) throws IOException {
        try (Stream<Path> files = Files.list(CASES.resolve(family))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".json"))
                    .filter(file -> !file.equals(CHAOTIC + ".json"))
                    .filter(file -> isBuilt(CASES.resolve(family).resolve(file)))
                    .sorted()
                    .map(file -> new Case(family + "/" + file.replace(".json", ""), folder, models))
                    .toList();
        }
    }

    /// Whether a case is one of text to image with a scheduler that is built: the only ones so far.
    private static boolean isBuilt(Path file) {
        try {
            JsonNode spec = JSON.readTree(file.toFile()).required("spec");
            return Stream.of("init", "control", "clipSkip", "guidanceRescale").noneMatch(spec::has)
                    && Schedulers.names().contains(spec.path("scheduler").asText("ddim"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void makesWhatTheReferenceMakes(Case example) throws IOException, InterruptedException {
        JsonNode json = JSON.readTree(CASES.resolve(example.name() + ".json").toFile());
        Safetensors reference = Safetensors.read(CASES.resolve(example.name() + ".safetensors"));
        Spec asked = JobCodec.decodeSpec(json.required("spec"));
        ModelId name = new ModelId(json.required("model").textValue());
        try (ModelLease lease = example.models().models().lease(name);
                DeviceLane.Ticket ticket = example.models().lane().open(new JobId("parity"))) {
            Recorder recorder = new Recorder(ticket);
            Pipeline pipeline = Pipelines.of(lease.model().blueprint());
            Pipeline.Prepared prepared = pipeline.prepare(asked);
            Media.Images made =
                    (Media.Images) pipeline.generate(prepared, lease.model(), recorder, recorder);

            assertThat(recorder.denoisings).as("evaluations, used again at every call").hasSize(1);
            assertThat(errors(reference, recorder, lease.model(), prepared))
                    .as("relative errors")
                    .allSatisfy((what, error) ->
                            assertThat(error).as(what).isLessThanOrEqualTo(Parity.LATENTS));
            assertThat(shares(reference.floats("image"), made))
                    .as("shares of values within one level")
                    .allSatisfy(share -> assertThat(share).isGreaterThanOrEqualTo(Parity.SHARE));
        }
    }

    @Test
    void aThousandStepsEndInAPictureWithTheReferencesMeanAndSpread()
            throws IOException, InterruptedException {
        JsonNode json = JSON.readTree(CASES.resolve("ddpm/" + CHAOTIC + ".json").toFile());
        FloatTensor reference =
                Safetensors.read(CASES.resolve("ddpm/" + CHAOTIC + ".safetensors")).floats("image");
        try (ModelLease lease = tiny.models().lease(new ModelId("ddpm"));
                DeviceLane.Ticket ticket = tiny.lane().open(new JobId("chaotic"))) {
            Recorder recorder = new Recorder(ticket);
            Pipeline pipeline = Pipelines.of(lease.model().blueprint());
            Pipeline.Prepared prepared =
                    pipeline.prepare(JobCodec.decodeSpec(json.required("spec")));
            Media.Images made =
                    (Media.Images) pipeline.generate(prepared, lease.model(), recorder, recorder);

            assertThat(recorder.latents).hasSize(1000);
            DoubleSummaryStatistics values = statistics(made.pictures().getFirst());
            DoubleSummaryStatistics wanted = statistics(reference);
            assertThat(values.getAverage()).isCloseTo(wanted.getAverage(), within(0.02));
            assertThat(spread(made.pictures().getFirst()))
                    .isCloseTo(spread(reference), within(0.02));
        }
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
        try (ModelLease lease = shipped.models().lease(new ModelId("emoji"));
                DeviceLane.Ticket ticket = shipped.lane().open(new JobId("again"))) {
            Pipeline pipeline = Pipelines.of(lease.model().blueprint());
            Spec asked =
                    new ImageSpec(
                            new Prompt("a panda", null),
                            new Outputs(2, new Seed(-1)),
                            new Sampling(3, null, SchedulerName.EULER_ANCESTRAL, null, null, null),
                            Size.DEFAULT,
                            Guides.NONE);
            Pipeline.Prepared once = pipeline.prepare(asked);
            Pipeline.Prepared twice = pipeline.prepare(once.parameters());
            assertThat(twice).isEqualTo(once);

            Media.Images first =
                    (Media.Images) pipeline.generate(once, lease.model(), ticket, Listener.none());
            Media.Images second =
                    (Media.Images) pipeline.generate(twice, lease.model(), ticket, Listener.none());
            assertThat(second.pictures().stream().map(FloatTensor::toArray))
                    .containsExactly(
                            first.pictures().get(0).toArray(), first.pictures().get(1).toArray());
        }
    }

    /// The relative error of everything on the way that the case has.
    private static Map<String, Double> errors(
            Safetensors reference, Recorder recorder, LoadedModel model, Pipeline.Prepared job) {
        Map<String, Double> errors = new LinkedHashMap<>();
        if (reference.names().contains("prompt_embeds")) {
            FloatTensor positive = reference.floats("prompt_embeds");
            int count = positive.shape().size(0);
            FloatTensor conditioning = recorder.conditioning();
            int rows = conditioning.shape().size(0);
            errors.put(
                    "prompt",
                    Parity.relativeError(conditioning.rows(rows - count, rows), positive));
            if (reference.names().contains("negative_prompt_embeds")) {
                errors.put(
                        "negative prompt",
                        Parity.relativeError(
                                conditioning.rows(0, count),
                                reference.floats("negative_prompt_embeds")));
            } else {
                assertThat(rows).as("rows without guidance").isEqualTo(count);
            }
        }
        if (reference.names().contains("noise")) {
            errors.put(
                    "noise",
                    Parity.relativeError(
                            new StableDiffusionTextToImage(model.blueprint())
                                    .noise((ImageSpec) job.parameters())
                                    .all(),
                            reference.floats("noise")));
        }
        if (reference.names().contains("latents")) {
            // All of them, or the last only.
            FloatTensor latents = reference.floats("latents");
            int kept = latents.shape().size(0);
            int from = recorder.latents.size() - kept;
            assertThat(kept).as("steps kept").isIn(1, recorder.latents.size());
            Shape step = latents.shape().row();
            for (int i = 0; i < kept; i++) {
                errors.put(
                        "latents after call " + (from + i + 1),
                        Parity.relativeError(
                                recorder.latents.get(from + i),
                                latents.rows(i, i + 1).reshape(step)));
            }
        }
        return errors;
    }

    private static List<Double> shares(FloatTensor reference, Media.Images made) {
        List<Double> shares = new ArrayList<>();
        assertThat(made.pictures()).hasSize(reference.shape().size(0));
        for (int i = 0; i < made.pictures().size(); i++) {
            FloatTensor picture = made.pictures().get(i);
            FloatTensor wanted = reference.rows(i, i + 1).reshape(reference.shape().row());
            shares.add(Parity.shareWithinLevel(picture, wanted));
        }
        return shares;
    }

    /// Keeps what goes by.
    private static final class Recorder implements Evaluator, Listener {
        private final Evaluator device;
        final List<FloatTensor> latents = new ArrayList<>();
        private final List<FloatTensor> conditionings = new ArrayList<>();
        final Set<Evaluation> denoisings = Collections.newSetFromMap(new IdentityHashMap<>());

        Recorder(Evaluator device) {
            this.device = device;
        }

        FloatTensor conditioning() {
            return conditionings.getFirst();
        }

        @Override
        public void evaluate(Evaluation evaluation) {
            if (evaluation.inputs().get("encoder_hidden_states") instanceof FloatTensor text) {
                conditionings.add(text);
            }
            if (evaluation.inputs().containsKey("timestep")) {
                denoisings.add(evaluation);
            }
            device.evaluate(evaluation);
        }

        @Override
        public void stage(Stage stage, int steps) {}

        @Override
        public void step(int step, FloatTensor sample) {
            latents.add(sample.copy());
            assertThat(step).isEqualTo(latents.size());
        }
    }
}
