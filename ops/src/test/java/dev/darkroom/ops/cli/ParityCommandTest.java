package dev.darkroom.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ParityCommandTest {
    private static final Path FIXTURES = Path.of(System.getProperty("fixtures"));
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir Path folder;

    @Test
    void casesThatAreWithinEndWell() throws IOException {
        copy("sd", "default", "as-it-is", _ -> {});
        assertThat(run()).isEqualTo(Exit.DONE.code());
        assertThat(lines()).hasSize(2);
        assertThat(lines().getFirst())
                .matches(
                        "within +sd +as-it-is +\\S+models +latents \\d\\.\\de-\\d\\d"
                                + "  share 100\\.0000 %  +\\d+\\.\\d\\d s");
        assertThat(lines().getLast())
                .startsWith("1 within tolerance, 0 outside, 0 not built, 0 failed: 1 cases and 0");
    }

    @Test
    void oneThatIsOutsideEndsInFailureAndSaysWhere() throws IOException {
        copy("sd", "default", "another-seed", spec -> spec.put("seed", 43));
        assertThat(run()).isEqualTo(Exit.FAILED.code());
        assertThat(lines().getFirst())
                .startsWith("outside")
                .contains("another-seed", "at call 1 of 6")
                .containsPattern("prompt \\d\\.\\de-0\\d");
        assertThat(lines().get(1))
                .contains("the case names no scheduler: this is the folder's, pndm");
        assertThat(lines().getLast()).startsWith("0 within tolerance, 1 outside");
    }

    @ParameterizedTest
    @CsvSource({
        "ddpm, ddim-batch, ddpm, ddim",
        // The folder's scheduler calls the model once more.
        "sd, scheduler-euler-ancestral, pndm, euler-ancestral"
    })
    void explainsACaseThatWasMadeWithAnotherScheduler(
            String family, String title, String folders, String others) throws IOException {
        copy(family, title, "unnamed", spec -> spec.remove("scheduler"));
        assertThat(run("--explain")).isEqualTo(Exit.FAILED.code());
        assertThat(lines().getFirst()).startsWith("outside");
        assertThat(written())
                .contains("the case names no scheduler: this is the folder's, " + folders)
                .contains("it is within its tolerance with the scheduler " + others + ":");
    }

    @Test
    void saysThatAModelCutsTheTimestepsOfAScheduler() throws IOException {
        copy("ddpm", "default", "karras", spec -> spec.put("scheduler", "euler-karras"));
        copy("ddpm", "default", "whole", spec -> spec.put("scheduler", "ddim"));
        assertThat(run()).isEqualTo(Exit.FAILED.code());
        assertThat(lines().get(1)).contains("whole timesteps only, and euler-karras has others");
        assertThat(lines().get(2)).startsWith("outside").contains("whole");
        assertThat(lines()).hasSize(4);
    }

    @Test
    void explainsThatACaseIsChaotic() throws IOException {
        Path chaotic = FIXTURES.resolve("chaotic/ddpm/all-1000-steps");
        Path cases = Files.createDirectories(folder.resolve("cases/ddpm"));
        for (String ending : List.of(".json", ".safetensors")) {
            Files.copy(Path.of(chaotic + ending), cases.resolve("chaotic" + ending));
        }
        assertThat(run("--explain")).isEqualTo(Exit.FAILED.code());
        assertThat(written()).contains("no tolerance can hold this case");
    }

    @Test
    void whatIsNotBuiltIsCountedApartAndIsNoSuccess() throws IOException {
        copy(
                "sd",
                "default",
                "sound",
                spec -> spec.removeAll().put("kind", "audio").put("seed", 1));
        assertThat(run()).isEqualTo(Exit.FAILED.code());
        assertThat(lines().getFirst()).startsWith("not built").contains("spec.kind is audio");
        assertThat(lines().getLast()).startsWith("0 within tolerance, 0 outside, 1 not built");
    }

    @Test
    void modelOfAClassThatIsNotBuiltIsNotBuilt() throws IOException {
        copy("sd", "default", "a", _ -> {});
        Path cases = Files.move(folder.resolve("cases/sd"), folder.resolve("cases/new"));
        ObjectNode json = (ObjectNode) JSON.readTree(cases.resolve("a.json").toFile());
        JSON.writeValue(cases.resolve("a.json").toFile(), json.put("model", "new"));
        Path model = Files.createDirectories(folder.resolve("models/new"));
        Files.writeString(
                model.resolve("model_index.json"), "{\"_class_name\": \"KandinskyPipeline\"}");
        assertThat(run()).isEqualTo(Exit.FAILED.code());
        assertThat(lines().getFirst()).startsWith("not built").contains("KandinskyPipeline");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"stepz\": 5}          | did you mean spec.steps",
                "{\"init\": \"no.png\"}  | spec.init is no.png; legal: the name of a file in",
                "{\"init\": \"../sd/a.json\"} | spec.init is ../sd/a.json; legal: the name of a file",
                "{\"control\": [{\"image\": \"..\"}]} | spec.control[0].image is ..; legal",
                "{\"seed\": -2.5}        | spec.seed",
                "{\"prompt\": null, \"seed\": null} | spec.seed is missing"
            })
    void caseThatCannotBeRunFailsWithTheReason(String fields, String reason) throws IOException {
        copy(
                "sd",
                "default",
                "a",
                spec -> {
                    for (var field : tree(fields).properties()) {
                        spec.set(field.getKey(), field.getValue());
                    }
                });
        assertThat(run()).isEqualTo(Exit.FAILED.code());
        assertThat(lines().getFirst()).startsWith("failed").contains(reason);
        assertThat(lines().getLast()).contains("1 failed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "width | 48 | made [1, 4, 16, 24], the reference has [1, 4, 16, 16]",
                "count | 2  | made [2, 4, 16, 16], the reference has [1, 4, 16, 16]",
                "steps | 6  | called 7 times, the reference has latents of 6 calls"
            })
    void whatHasOtherSizesOrStepsIsOutside(String field, int value, String difference)
            throws IOException {
        copy("sd", "default", "a", spec -> spec.put(field, value));
        assertThat(run()).isEqualTo(Exit.FAILED.code());
        assertThat(lines().getFirst()).startsWith("outside").contains(difference);
        assertThat(lines().getLast()).contains("1 outside");
    }

    @Test
    void missingModelAndMissingReferenceFail() throws IOException {
        copy("sd", "default", "a", _ -> {});
        Files.delete(folder.resolve("cases/sd/a.safetensors"));
        Path strange = Files.createDirectories(folder.resolve("cases/strange"));
        Files.copy(folder.resolve("cases/sd/a.json"), strange.resolve("b.json"));
        assertThat(run()).isEqualTo(Exit.FAILED.code());
        assertThat(lines().get(0)).startsWith("failed").endsWith("a.safetensors is missing");
        assertThat(lines().get(1)).contains("no folder has a model strange: looked in");
    }

    @Test
    void jsonIsAnObjectALineAndTheCountsLast() throws IOException {
        copy("sd", "default", "a", _ -> {});
        copy("sd", "default", "b", spec -> spec.put("seed", 43));
        Path schedulers = Files.createDirectories(folder.resolve("schedulers"));
        Files.copy(
                FIXTURES.resolve("schedulers/ddim-eta.safetensors"),
                schedulers.resolve("c.safetensors"));
        assertThat(run("--json")).isEqualTo(Exit.FAILED.code());
        List<JsonNode> lines = lines().stream().map(ParityCommandTest::tree).toList();
        assertThat(lines).extracting(line -> line.path("case").asText()).contains("a", "b", "c");
        assertThat(lines.get(0).path("verdict").asText()).isEqualTo("within");
        assertThat(lines.get(0).path("latentError").asDouble()).isBetween(0.0, 1e-3);
        assertThat(lines.get(1).path("verdict").asText()).isEqualTo("outside");
        assertThat(lines.get(2).path("error").asDouble()).isBetween(0.0, 1e-4);
        JsonNode total = lines.get(3).path("total");
        assertThat(total.path("within").asInt()).isEqualTo(2);
        assertThat(total.path("outside").asInt()).isEqualTo(1);
        assertThat(total.path("notBuilt").asInt()).isZero();
    }

    @Test
    void onlyWhatFitsIsTried() throws IOException {
        copy("sd", "default", "a-1", _ -> {});
        copy("sd", "default", "b-1", _ -> {});
        assertThat(run("--only=sd/a*")).isEqualTo(Exit.DONE.code());
        assertThat(lines()).hasSize(2).first().asString().contains("a-1");
        assertThat(run("--only=s?")).isEqualTo(Exit.DONE.code());
        assertThat(run("--only=a-1")).isEqualTo(Exit.USAGE.code());
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("--only is a-1, which nothing fits; there are sd")
                .hasLineCount(1);
    }

    /// Puts a case of the project, changed, into the folder.
    private void copy(String family, String from, String to, Consumer<ObjectNode> change)
            throws IOException {
        Path source = FIXTURES.resolve("cases").resolve(family);
        Path cases = Files.createDirectories(folder.resolve("cases").resolve(family));
        ObjectNode json = (ObjectNode) JSON.readTree(source.resolve(from + ".json").toFile());
        change.accept((ObjectNode) json.path("spec"));
        JSON.writeValue(cases.resolve(to + ".json").toFile(), json);
        Files.copy(source.resolve(from + ".safetensors"), cases.resolve(to + ".safetensors"));
    }

    private static JsonNode tree(String json) {
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new AssertionError(json, e);
        }
    }

    private int run(String... options) {
        Console console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Console.Screen.PLAIN);
        out.reset();
        String[] line = new String[options.length + 4];
        line[0] = "parity";
        line[1] = folder.toString();
        line[2] = "--models";
        line[3] = FIXTURES.resolve("models").toString();
        System.arraycopy(options, 0, line, 4, options.length);
        return Darkroom.run(console, line);
    }

    private String written() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private List<String> lines() {
        return written().lines().toList();
    }
}
