package dev.darkroom.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.job.Control;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.InputUri;
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
import dev.darkroom.worker.media.Picture;
import dev.darkroom.worker.media.PictureTensors;
import dev.darkroom.worker.media.TestPictures;
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
import java.util.Objects;
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
        List<List<Case>> all = new ArrayList<>();
        try (Stream<Path> families = Files.list(CASES)) {
            for (Path family : families.sorted().toList()) {
                String name = family.getFileName().toString();
                all.add(in(name, "models", tiny));
                all.add(in(name, "models-optimum", optimum));
            }
        }
        all.add(in("emoji", "ops/models", shipped));
        return all.stream()
                .flatMap(List::stream);
    }

    private static List<Case> in(String family, String folder, Studio models) throws IOException {
        Path root =
                models.equals(shipped)
                        ? Path.of(System.getProperty("models"))
                        : Path.of(System.getProperty("fixtures"), folder);
        if (!Files.isDirectory(root.resolve(family))) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(CASES.resolve(family))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".json"))
                    .filter(file -> !file.equals(CHAOTIC + ".json"))
                    .filter(file -> !folder.equals("models-optimum") || !file.contains("clip-skip"))
                    .sorted()
                    .map(file -> new Case(family + "/" + file.replace(".json", ""), folder, models))
                    .toList();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void makesWhatTheReferenceMakes(Case example) throws IOException, InterruptedException {
        JsonNode json = JSON.readTree(CASES.resolve(example.name() + ".json").toFile());
        Safetensors reference = Safetensors.read(CASES.resolve(example.name() + ".safetensors"));
        Spec asked = JobCodec.decodeSpec(inFull(json.required("spec")));
        ModelId name = new ModelId(json.required("model").textValue());
        try (ModelLease lease = example.models().models().lease(name);
                DeviceLane.Ticket ticket = example.models().lane().open(new JobId("parity"))) {
            Recorder recorder = new Recorder(ticket);
            Pipeline pipeline = Pipelines.of(lease.model().blueprint());
            Pipeline.Prepared prepared = pipeline.prepare(asked);
            Media.Images made =
                    (Media.Images)
                            pipeline.generate(
                                    prepared,
                                    pictures((ImageSpec) prepared.parameters()),
                                    lease.model(),
                                    recorder,
                                    recorder);

            assertThat(recorder.denoisings)
                    .as("evaluations, used again at every call")
                    .hasSize(1 + ((ImageSpec) prepared.parameters()).guides().control().size());
            assertThat(errors(reference, recorder))
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
                    (Media.Images) pipeline.generate(
                                    prepared,
                                    GuidePictures.NONE,
                                    lease.model(),
                                    recorder,
                                    recorder);

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
                    (Media.Images) pipeline.generate(once, GuidePictures.NONE, lease.model(), ticket, Listener.none());
            Media.Images second =
                    (Media.Images) pipeline.generate(twice, GuidePictures.NONE, lease.model(), ticket, Listener.none());
            assertThat(second.pictures().stream().map(FloatTensor::toArray))
                    .containsExactly(
                            first.pictures().get(0).toArray(), first.pictures().get(1).toArray());
        }
    }

    /// The relative error of everything on the way that the case has.
    private static Map<String, Double> errors(
            Safetensors reference, Recorder recorder) {
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
                                as(step, recorder.latents.get(from + i)),
                                latents.rows(i, i + 1).reshape(step)));
            }
        }
        return errors;
    }

    /// Latents `[n, C, h, w]` packed, where the reference has them packed.
    private static FloatTensor as(Shape wanted, FloatTensor latents) {
        if (wanted.rank() == latents.shape().rank()) {
            return latents;
        }
        FloatTensor packed = FloatTensor.allocate(wanted);
        for (int i = 0; i < wanted.size(0); i++) {
            Layout.PACKED.pack(
                    latents.rows(i, i + 1).reshape(latents.shape().row()),
                    packed.rows(i, i + 1).reshape(wanted.row()));
        }
        return packed;
    }

    /// A case's spec with its pictures where a job has them.
    private static JsonNode inFull(JsonNode spec) {
        ObjectNode full = spec.deepCopy();
        for (String field : List.of("init", "mask")) {
            if (full.has(field)) {
                full.putObject(field).put("uri", "s3://inputs/" + spec.get(field).textValue());
            }
        }
        if (full.has("control")) {
            full.withArray("control").forEach(item -> {
                String file = item.get("image").textValue();
                ((ObjectNode) item).putObject("image").put("uri", "s3://inputs/" + file);
            });
        }
        return full;
    }

    private static GuidePictures pictures(ImageSpec job) throws IOException {
        Guides guides = job.guides();
        int width = Objects.requireNonNullElse(job.size().width(), 0);
        int height = Objects.requireNonNullElse(job.size().height(), 0);
        List<FloatTensor> controls = new ArrayList<>();
        for (Control control : guides.control()) {
            controls.add(PictureTensors.control(picture(control.image()), width, height));
        }
        return new GuidePictures(
                guides.init() == null
                        ? null
                        : PictureTensors.init(picture(guides.init()), width, height),
                guides.mask() == null
                        ? null
                        : PictureTensors.mask(picture(guides.mask()), width, height),
                controls);
    }

    private static Picture picture(InputUri input) throws IOException {
        String file = input.uri().substring(input.uri().lastIndexOf('/') + 1);
        return TestPictures.read(Path.of(System.getProperty("fixtures"), "inputs", file));
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
