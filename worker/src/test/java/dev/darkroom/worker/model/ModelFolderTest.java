package dev.darkroom.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelFolderTest {
    private static final Path TINY = Path.of(System.getProperty("fixtures"), "models", "sd");
    private static final Path EMOJI = Path.of(System.getProperty("models"), "emoji");

    @TempDir private Path folder;

    @BeforeEach
    void copyTheTinyModel() throws IOException {
        try (Stream<Path> files = Files.walk(TINY)) {
            for (Path file : files.toList()) {
                Path target = folder.resolve(TINY.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    @Test
    void readsTheShippedModel() {
        ModelFolder emoji = ModelFolder.read(EMOJI);
        assertThat(emoji.pipeline()).isEqualTo(PipelineClass.STABLE_DIFFUSION);
        assertThat(emoji.unet()).isEqualTo(new UnetConfig(16, 16, 8, 8, 1));
        assertThat(emoji.vae()).contains(new VaeConfig(16, 0.49783894419670105, 0, 8));
        assertThat(emoji.notes().title()).isEqualTo("Emoji");
        assertThat(emoji.notes().defaults().sampling().steps()).isEqualTo(20);
        assertThat(emoji.notes().limits().get("width")).hasToString("64");
        assertThat(emoji.notes().preview()).isNotNull();
        assertThat(emoji.components()).containsExactly("text_encoder", "unet", "vae_decoder");
        assertThat(emoji.graphBytes()).isBetween(10_000_000L, 20_000_000L);
    }

    @Test
    void theShippedModelListsTheDigestOfEveryFile() throws IOException {
        ModelFolder emoji = ModelFolder.read(EMOJI);
        assertThat(emoji.notes().sha256()).isEqualTo(Checksums.of(EMOJI, emoji.files()));
        try (Stream<Path> files = Files.walk(EMOJI)) {
            assertThat(
                            files.filter(Files::isRegularFile)
                                    .map(file -> EMOJI.relativize(file).toString())
                                    .filter(file -> !file.equals("darkroom.json"))
                                    .filter(file -> !file.equals("README.md")))
                    .containsExactlyInAnyOrderElementsOf(emoji.files());
        }
        assertThat(emoji.digest()).startsWith("sha256:").hasSize(71);
    }

    @Test
    void namesAllThatIsMissingAtOnce() throws IOException {
        for (String file :
                List.of(
                        "scheduler/scheduler_config.json",
                        "tokenizer/merges.txt",
                        "unet/model.onnx",
                        "vae_decoder/config.json")) {
            Files.delete(folder.resolve(file));
        }
        assertThat(problems())
                .containsExactlyInAnyOrder(
                        "scheduler/scheduler_config.json is missing",
                        "tokenizer/merges.txt is missing",
                        "unet/model.onnx is missing",
                        "vae_decoder/config.json is missing");
    }

    @Test
    void namesInputsThatAGraphLacksOrNobodyGives() throws IOException {
        Path unconditional =
                Path.of(System.getProperty("fixtures"), "models", "ddpm", "unet", "model.onnx");
        Files.delete(folder.resolve("unet/model.onnx"));
        Files.copy(unconditional, folder.resolve("unet/model.onnx"));
        Files.delete(folder.resolve("vae_decoder/model.onnx"));
        Files.copy(
                folder.resolve("vae_encoder/model.onnx"), folder.resolve("vae_decoder/model.onnx"));
        assertThat(problems())
                .containsExactly(
                        "unet/model.onnx has no input encoder_hidden_states",
                        "vae_decoder/model.onnx has no input latent_sample",
                        "vae_decoder/model.onnx wants the input sample, which"
                                + " StableDiffusionPipeline does not give",
                        "vae_decoder/model.onnx has no output sample");
    }

    @Test
    void namesTheClassesThatAreBuilt() throws IOException {
        Files.writeString(
                folder.resolve("model_index.json"), "{\"_class_name\": \"KandinskyPipeline\"}");
        assertThat(problems())
                .containsExactly(
                        "model_index.json: _class_name is \"KandinskyPipeline\"; legal: built are"
                                + " StableDiffusionPipeline, DDPMPipeline, DDIMPipeline");
    }

    @Test
    void namesASchedulerThatIsNotBuilt() throws IOException {
        Files.writeString(
                folder.resolve("scheduler/scheduler_config.json"),
                "{\"_class_name\": \"FancyScheduler\", \"lambda_min_clipped\": -Infinity}");
        assertThat(problems())
                .singleElement()
                .asString()
                .startsWith("scheduler/scheduler_config.json: ")
                .contains("FancyScheduler", "DDIMScheduler");
    }

    @Test
    void namesFilesThatAreNotWhatTheyShouldBe() throws IOException {
        Files.writeString(folder.resolve("unet/config.json"), "{\"sample_size\": \"big\"}");
        Files.writeString(folder.resolve("unet/model.onnx"), "this is text");
        Files.writeString(folder.resolve("vae_decoder/config.json"), "[1]");
        assertThat(problems())
                .contains(
                        "unet/config.json: sample_size is \"big\"; legal: a whole number, or"
                                + " [height, width]",
                        "unet/config.json: in_channels is missing; legal: at least 1",
                        "vae_decoder/config.json is not a JSON object")
                .anyMatch(problem -> problem.startsWith("unet/model.onnx is no usable ONNX file"));
    }

    @Test
    void refusesNotesWithUnknownOrIllegalFields() throws IOException {
        notes(
                """
                {"titel": "x", "defaults": {"step": 3, "scheduler": "eular"},
                 "limits": {"width": [64]}, "preview": {"matrix": [[1, 2]], "bias": [0, 0, 0]}}
                """);
        assertThat(problems())
                .contains(
                        "darkroom.json: 'titel' is unknown; did you mean title? Legal: title,"
                                + " description, licence, defaults, limits, preview, sha256",
                        "darkroom.json: limits: width is [64]; legal: [least, greatest]")
                .anyMatch(p ->
                        p.startsWith(
                                "darkroom.json: defaults: 'step' is unknown; did you"
                                        + " mean steps?"))
                .anyMatch(p ->
                        p.startsWith(
                                "darkroom.json: defaults: scheduler is eular; legal:" + " euler,"))
                .anyMatch(p -> p.startsWith("darkroom.json: preview: matrix is [[1,2]]"));
    }

    @Test
    void refusesAPreviewForAnotherNumberOfChannels() throws IOException {
        notes("{\"preview\": {\"matrix\": [[1, 2, 3]], \"bias\": [0, 0, 0]}}");
        assertThat(problems())
                .containsExactly(
                        "darkroom.json: preview.matrix has 1 rows; legal: one for each latent"
                                + " channel, 4");
    }

    @Test
    void digestsChangeWithAnyFileButNotWithTheNotes() throws IOException {
        String before = ModelFolder.read(folder).digest();
        notes("{\"title\": \"Tiny\"}");
        assertThat(ModelFolder.read(folder).digest()).isEqualTo(before);
        Files.writeString(folder.resolve("tokenizer/vocab.json"), "{}");
        assertThat(ModelFolder.read(folder).digest()).isNotEqualTo(before);
    }

    @Test
    void namesEveryFileThatIsNotAsListed() throws IOException {
        String wrong = "0".repeat(64);
        notes("{\"sha256\": {\"model_index.json\": \"" + wrong + "\"}}");
        ModelFolder read = ModelFolder.read(folder);
        ModelFolderException refused =
                catchThrowableOfType(ModelFolderException.class, read::digest);
        assertThat(refused.problems())
                .hasSize(read.files().size())
                .anyMatch(p -> p.matches("model_index.json has the digest .*; legal: " + wrong))
                .contains("unet/model.onnx is not listed in darkroom.json: sha256");
    }

    @Test
    void listedFilesMustBeThereAndInside() throws IOException {
        String digest = "0".repeat(64);
        notes(
                "{\"sha256\": {\"../evil\": \"%s\", \"unet/more\": \"%s\"}}"
                        .formatted(digest, digest));
        assertThat(problems())
                .containsExactly(
                        "darkroom.json: sha256 names ../evil, outside the folder",
                        "unet/more, listed in darkroom.json, is missing");
    }

    private void notes(String json) throws IOException {
        Files.writeString(folder.resolve("darkroom.json"), json);
    }

    private List<String> problems() {
        return catchThrowableOfType(ModelFolderException.class, () -> ModelFolder.read(folder))
                .problems();
    }
}
