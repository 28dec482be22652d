package dev.darkroom.worker.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.darkroom.worker.tensor.Safetensors;
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

/// The noise levels of the trajectories that the reference recorded. What the schedulers make of
/// them is shown by the command `parity`, which the suite runs over all trajectories.
class NoiseLevelsTest {
    /// Relative error: the greatest difference over the greatest level.
    private static final double TOLERANCE = 1e-4;

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    private static final Path FOLDER = Path.of(System.getProperty("fixtures"), "schedulers");

    private static List<String> cases() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString().replace(".safetensors", ""))
                    .sorted()
                    .toList();
        }
    }

    static Stream<String> casesWithLevels() throws IOException {
        Stream.Builder<String> names = Stream.builder();
        for (String name : cases()) {
            if (read(name).has("sigmas")) {
                names.add(name);
            }
        }
        return names.build();
    }

    private static Safetensors read(String name) throws IOException {
        return Safetensors.read(FOLDER.resolve(name + ".safetensors"));
    }

    @Test
    void everyNameThatIsBuiltHasTrajectories() throws IOException {
        List<String> cases = cases();
        assertThat(Schedulers.names())
                .allSatisfy(name ->
                        assertThat(cases).containsAnyOf(name, name + "-sd15", name + "-shift3"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("casesWithLevels")
    void areTheReferences(String name) throws IOException {
        Safetensors reference = read(name);
        JsonNode meta = JSON.readTree(reference.metadata().getOrDefault("meta", ""));
        Scheduler scheduler =
                Schedulers.named(
                        meta.required("scheduler").textValue(),
                        SchedulerConfig.of(fields(meta.required("folder_config"))));
        SchedulerRun run =
                scheduler.start(
                        meta.required("steps").intValue(),
                        reference.floats("sample").shape(),
                        options(meta));

        double[] levels = levels((LevelRun) run);
        double[] all = reference.doubles("sigmas");
        // Some of the reference's classes keep zeros after the last level, which no call reads.
        assertThat(all).hasSizeGreaterThanOrEqualTo(levels.length);
        assertThat(Arrays.stream(all).skip(levels.length)).allMatch(level -> level == 0);
        double[] wanted = Arrays.copyOf(all, levels.length);
        double greatest = Arrays.stream(wanted).max().orElseThrow();
        for (int i = 0; i < levels.length; i++) {
            assertThat(Math.abs(levels[i] - wanted[i]))
                    .as("error of level " + i)
                    .isLessThanOrEqualTo(TOLERANCE * greatest);
        }
    }

    /// What the reference was given for a trajectory.
    private static SamplingOptions options(JsonNode meta) {
        SamplingOptions options =
                SamplingOptions.DEFAULTS
                        .withEta(meta.required("step_arguments").path("eta").asDouble())
                        .withStartStep(meta.path("start").asInt(0))
                        .withDistilledShare(meta.path("share").asDouble(1));
        if (meta.path("even").asBoolean()) {
            options = options.withFlowLevels(SamplingOptions.FlowLevels.EVEN);
        }
        return meta.has("mu") ? options.withMu(meta.required("mu").doubleValue()) : options;
    }

    private static double[] levels(LevelRun run) {
        float[] sigmas = run.sigmas;
        return IntStream.range(0, sigmas.length).mapToDouble(i -> sigmas[i]).toArray();
    }

    private static Map<String, Object> fields(JsonNode json) {
        return JSON.convertValue(json, new TypeReference<Map<String, Object>>() {});
    }
}
