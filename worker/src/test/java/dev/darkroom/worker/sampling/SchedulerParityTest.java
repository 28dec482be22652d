package dev.darkroom.worker.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.darkroom.worker.Safetensors;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The trajectories that the reference makes from fixed model outputs, every file of them.
class SchedulerParityTest {
    /// Relative error: the greatest difference over the greatest magnitude of a tensor. The
    /// reference rounds to single precision; so does this code, in nearly the same places.
    private static final double TOLERANCE = 1e-4;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    /// Names whose runs begin midway as those of the algorithms that they are variants of.
    private static final List<String> VARIANTS =
            List.of("lms-karras", "euler-karras", "dpmpp-2m-karras", "dpmpp-2m-sde");

    private static final Path FOLDER = Path.of(System.getProperty("fixtures"), "schedulers");

    static Stream<String> cases() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            List<String> names =
                    files.map(file -> file.getFileName().toString().replace(".safetensors", ""))
                            .sorted()
                            .toList();
            return names.stream();
        }
    }

    @Test
    void coversEveryNameThatIsBuilt() throws IOException {
        List<String> cases = cases().toList();
        assertThat(Schedulers.names())
                .allSatisfy(name -> {
                    assertThat(cases).containsAnyOf(name, name + "-sd15", name + "-shift3");
                    if (!VARIANTS.contains(name)) {
                        assertThat(cases).contains(name + "-start");
                    }
                });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void followsTheReferencesTrajectory(String name) throws JsonProcessingException {
        Safetensors reference = Safetensors.read(FOLDER.resolve(name + ".safetensors"));
        JsonNode meta = JSON.readTree(reference.metadata().getOrDefault("meta", ""));
        SamplingOptions options = options(meta);
        Scheduler scheduler =
                Schedulers.named(
                        meta.required("scheduler").textValue(),
                        SchedulerConfig.of(fields(meta.required("folder_config"))));
        FloatTensor sample = reference.floats("sample");
        SchedulerRun run =
                scheduler.start(meta.required("steps").intValue(), sample.shape(), options);

        int first = run.firstCall();
        double[] timesteps =
                IntStream.range(first, run.calls()).mapToDouble(run::timestep).toArray();
        assertClose("timesteps", timesteps, reference.doubles("timesteps"));
        assertThat(run.initNoiseSigma())
                .isCloseTo(
                        meta.required("init_noise_sigma").doubleValue(),
                        withinPercentage(100 * TOLERANCE));
        if (reference.names().contains("sigmas")) {
            assertSigmas(run, reference.doubles("sigmas"));
        }

        FloatTensor into = FloatTensor.allocate(sample.shape());
        assertNoised(run, run.calls() / 2, reference, "noised");
        if (first > 0) {
            assertNoised(run, first, reference, "sample");
            assertNoised(run, first + 1, reference, "noised_next");
        }

        NoiseGenerator noise = NoiseGenerator.ofSeed(meta.required("seed").longValue());
        FloatTensor outputs = reference.floats("model_output");
        int[] kept = kept(reference, run.calls() - first);
        FloatTensor scaled = reference.floats("scaled_input");
        FloatTensor previous = reference.floats("prev_sample");
        for (int call = first; call < run.calls(); call++) {
            FloatTensor output = row(outputs, call - first, outputs.shape().row());
            run.scaleModelInput(sample, call, into);
            run.step(output, call, sample, noise);
            int row = Arrays.binarySearch(kept, call - first);
            if (row >= 0) {
                assertClose(
                        "scaled_input " + call,
                        doubles(into),
                        doubles(row(scaled, row, sample.shape())));
                assertClose(
                        "prev_sample " + call,
                        doubles(sample),
                        doubles(row(previous, row, sample.shape())));
            }
        }
    }

    private static int[] kept(Safetensors reference, int calls) {
        return reference.names().contains("kept_calls")
                ? Arrays.stream(reference.doubles("kept_calls"))
                        .mapToInt(call -> (int) call)
                        .toArray()
                : IntStream.range(0, calls).toArray();
    }

    /// What the reference was given for a trajectory, and what it does where it was given nothing.
    private static SamplingOptions options(JsonNode meta) {
        double eta = meta.required("scheduler").textValue().equals("tcd") ? 0.3 : 0;
        SamplingOptions options =
                SamplingOptions.DEFAULTS.withEta(
                        meta.required("step_arguments").path("eta").asDouble(eta));
        options =
                options.withStartStep(meta.path("start").asInt(0))
                        .withDistilledShare(meta.path("share").asDouble(1));
        if (meta.path("even").asBoolean()) {
            options = options.withFlowLevels(SamplingOptions.FlowLevels.EVEN);
        }
        return meta.has("mu") ? options.withMu(meta.required("mu").doubleValue()) : options;
    }

    /// A clean sample as noised as one is before `call`, where the file holds it.
    private static void assertNoised(
            SchedulerRun run, int call, Safetensors reference, String name) {
        if (reference.names().contains(name)) {
            FloatTensor into = FloatTensor.allocate(reference.floats("sample").shape());
            run.addNoise(reference.floats("clean"), reference.floats("noise"), call, into);
            assertClose(name, doubles(into), doubles(reference.floats(name)));
        }
    }

    /// Some of the reference's classes keep zeros after the last level, which no call reads.
    private static void assertSigmas(SchedulerRun run, double[] expected) {
        float[] sigmas = ((LevelRun) run).sigmas;
        double[] actual = IntStream.range(0, sigmas.length).mapToDouble(i -> sigmas[i]).toArray();
        assertThat(expected).hasSizeGreaterThanOrEqualTo(actual.length);
        assertClose("sigmas", actual, Arrays.copyOf(expected, actual.length));
        assertThat(Arrays.copyOfRange(expected, actual.length, expected.length))
                .containsOnly(
                        IntStream.range(actual.length, expected.length)
                                .mapToDouble(_ -> 0)
                                .toArray());
    }

    private static FloatTensor row(FloatTensor batch, int row, Shape shape) {
        return batch.rows(row, row + 1).reshape(shape);
    }

    private static void assertClose(String what, double[] actual, double[] expected) {
        assertThat(actual).as(what).hasSameSizeAs(expected);
        double greatest = 0;
        double difference = 0;
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as(what).isFinite();
            greatest = Math.max(greatest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        assertThat(difference)
                .as("error of " + what + ", whose greatest magnitude is " + greatest)
                .isLessThanOrEqualTo(TOLERANCE * greatest);
    }

    private static double[] doubles(FloatTensor tensor) {
        return IntStream.range(0, tensor.shape().elements()).mapToDouble(tensor::get).toArray();
    }

    private static Map<String, Object> fields(JsonNode json) {
        return JSON.convertValue(json, new TypeReference<Map<String, Object>>() {});
    }
}
