package dev.darkroom.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.darkroom.worker.media.ClipInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelFolderTest {
    private static final Path TINY = Path.of(System.getProperty("fixtures"), "models", "sd");
    private static final Path SAFETY =
            Path.of(System.getProperty("fixtures"), "models", "sd-safety");
    private static final Path EMOJI = Path.of(System.getProperty("models"), "emoji");

    @TempDir private Path folder;

    @BeforeEach
    void copyTheTinyModel() throws IOException {
        copy(TINY);
    }

    private void copy(Path model) throws IOException {
        try (Stream<Path> files = Files.walk(model)) {
            for (Path file : files.toList()) {
                Path target = folder.resolve(model.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    @Test
    void readsTheShippedModel() {
        ModelFolder emoji = ModelFolder.read(EMOJI);
        assertThat(emoji.pipeline()).isEqualTo(PipelineClass.STABLE_DIFFUSION);
        assertThat(emoji.denoiser())
                .isEqualTo(new DenoiserConfig("unet", 16, 16, 8, 8, 2, DenoiserConfig.Traits.NONE));
        assertThat(emoji.vae()).contains(new VaeConfig(16, 0.49783894419670105, 0, 8));
        assertThat(emoji.notes().title()).isEqualTo("Emoji");
        assertThat(emoji.notes().defaults().sampling().steps()).isEqualTo(20);
        assertThat(emoji.notes().limits().get("width")).hasToString("64");
        assertThat(emoji.notes().preview()).isNotNull();
        assertThat(emoji.components())
                .containsExactly("text_encoder", "unet", "vae_decoder", "vae_encoder");
        assertThat(emoji.graphBytes()).isBetween(10_000_000L, 20_000_000L);
    }

    @Test
    void everyFamilyHasATinyFolderWithCases() throws IOException {
        EnumSet<ModelFamily> shown = EnumSet.noneOf(ModelFamily.class);
        try (Stream<Path> folders = Files.list(TINY.getParent())) {
            for (Path tiny : folders.toList()) {
                Path cases = TINY.resolve("../../cases").resolve(tiny.getFileName());
                if (Files.isDirectory(cases)) {
                    shown.add(ModelFolder.read(tiny).pipeline().family());
                }
            }
        }
        assertThat(shown).containsExactly(ModelFamily.values());
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
                        "model_index.json: _class_name is \"KandinskyPipeline\"; legal: built are "
                                + String.join(", ", PipelineClass.wireNames()));
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
                        "unet/config.json: sample_size is \"big\"; legal: a whole number from"
                                + " 1 to 32768, or [height, width]",
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
    void refusesDefaultsThatNoJobMayAskFor() throws IOException {
        notes(
                """
                {"defaults": {"steps": 0, "count": 0, "clipSkip": -1, "width": 0, "guidance": -1,
                              "eta": 1.5, "strength": 0, "maxSequenceLength": 513}}
                """);
        assertThat(problems())
                .containsExactlyInAnyOrder(
                        "darkroom.json: defaults: steps is 0; legal: a whole number of at least 1",
                        "darkroom.json: defaults: count is 0; legal: a whole number of at least 1",
                        "darkroom.json: defaults: clipSkip is -1; legal: a whole number of at"
                                + " least 0",
                        "darkroom.json: defaults: width is 0; legal: a whole number of at least 1",
                        "darkroom.json: defaults: guidance is -1; legal: a number, at least 0",
                        "darkroom.json: defaults: eta is 1.5; legal: a number, 0 to 1",
                        "darkroom.json: defaults: strength is 0; legal: a number above 0 to 1",
                        "darkroom.json: defaults: maxSequenceLength is 513; legal: a whole number"
                                + " from 1 to 512");
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
                "{\"sha256\": {\"../evil\": \"%1$s\", \"a\\u0000b\": \"%1$s\", \"unet/more\": \"%1$s\"}}"
                        .formatted(digest));
        assertThat(problems())
                .containsExactly(
                        "darkroom.json: sha256 names ../evil, outside the folder",
                        "darkroom.json: sha256 names a\0b, outside the folder",
                        "unet/more, listed in darkroom.json, is missing");
    }

    @Test
    void takesTheNotesOfTheSameModelElsewhereWithoutTheirDigests(@TempDir Path elsewhere)
            throws IOException {
        Files.writeString(
                elsewhere.resolve("darkroom.json"),
                "{\"title\": \"There\", \"sha256\": {\"model_index.json\": \""
                        + "0".repeat(64)
                        + "\", \"only/there\": \""
                        + "0".repeat(64)
                        + "\"}}");
        ModelFolder read = ModelFolder.read(folder, elsewhere);
        assertThat(read.notes().title()).isEqualTo("There");
        assertThat(read.digest()).isEqualTo(ModelFolder.read(folder).digest());

        notes("{\"title\": \"Here\"}");
        assertThat(ModelFolder.read(folder, elsewhere).notes().title()).isEqualTo("Here");
    }

    @Test
    void namesFilesOfWeightsThatAreMissingOrNoDigestCovers() throws IOException {
        Files.writeString(folder.resolve("unet/there.bin"), "weights");
        for (String weights :
                List.of(
                        "there.bin",
                        "gone.bin",
                        "../vae_decoder/config.json",
                        "/etc/passwd",
                        ".b")) {
            keepWeightsIn("unet/model.onnx", initializer(weights));
        }
        keepWeightsIn("vae_decoder/model.onnx", constantNode("deep.bin"));
        assertThat(problems())
                .containsExactly(
                        "unet/gone.bin, where unet/model.onnx keeps weights, is missing",
                        "unet/model.onnx keeps weights in '../vae_decoder/config.json'; legal: a"
                                + " file in unet that is not hidden",
                        "unet/model.onnx keeps weights in '/etc/passwd'; legal: a file in unet that"
                                + " is not hidden",
                        "unet/model.onnx keeps weights in '.b'; legal: a file in unet that is not"
                                + " hidden",
                        "vae_decoder/deep.bin, where vae_decoder/model.onnx keeps weights, is"
                                + " missing");
    }

    @Test
    void theDigestsCoverWeightsThatLieBesideTheirGraph() throws IOException {
        Path model = Path.of(System.getProperty("fixtures"), "models-fused", "sd-turbo");
        Path beside = model.resolve("unet/model.onnx_data");
        copy(model);
        ModelFolder read = ModelFolder.read(folder);
        assertThat(read.files()).contains("unet/model.onnx_data");
        assertThat(read.graphBytes()).isGreaterThan(Files.size(beside));
        assertThat(read.notes().preview()).isNotNull();
        assertThat(read.digest()).startsWith("sha256:");

        byte[] weights = Files.readAllBytes(beside);
        weights[weights.length / 2] ^= 1;
        Files.write(folder.resolve("unet/model.onnx_data"), weights);
        ModelFolderException damaged =
                catchThrowableOfType(
                        ModelFolderException.class, () -> ModelFolder.read(folder).digest());
        assertThat(damaged.problems())
                .singleElement()
                .asString()
                .startsWith("unet/model.onnx_data has the digest ")
                .endsWith("; legal: " + read.notes().sha256().get("unet/model.onnx_data"));
    }

    @Test
    void namesAGraphThatIsCutOff() throws IOException {
        Path file = folder.resolve("unet/model.onnx");
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length / 2));
        // A name of −1 bytes.
        Files.write(
                folder.resolve("vae_decoder/model.onnx"),
                HexFormat.of().parseHex("3a0d5a0b0affffffffffffffffff01"));
        assertThat(problems())
                .containsExactly(
                        "unet/model.onnx is no usable ONNX file: it is no ONNX model",
                        "vae_decoder/model.onnx is no usable ONNX file: it is no ONNX model");
    }

    @Test
    void refusesConfigurationsThatNoPictureCanHave() throws IOException {
        String seventeen = String.join(", ", Collections.nCopies(17, "8"));
        Files.writeString(
                folder.resolve("unet/config.json"),
                "{\"sample_size\": [0, 8], \"in_channels\": 4, \"out_channels\": 4,"
                        + " \"block_out_channels\": [8]}");
        Files.writeString(
                folder.resolve("vae_decoder/config.json"),
                "{\"latent_channels\": 4, \"scaling_factor\": 0, \"block_out_channels\": ["
                        + seventeen
                        + "]}");
        assertThat(problems())
                .hasSize(3)
                .contains(
                        "unet/config.json: sample_size is [0,8]; legal: a whole number from 1 to"
                                + " 32768, or [height, width]",
                        "vae_decoder/config.json: scaling_factor is 0.0; legal: anything but 0")
                .anyMatch(problem -> problem.endsWith("; legal: a list of 1 to 16"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    sdxl          | unet       | time_cond_proj_dim     | 256  | is 256; legal for \
                    StableDiffusionXLPipeline: null, since no embedding of the guidance is built
                    lcm           | unet       | time_cond_proj_dim     | null | is null; legal for \
                    LatentConsistencyModelPipeline: a number, since the guidance is told that way
                    sd            | unet       | time_cond_proj_dim     | -3   | is -3; legal: at least 1
                    sd-controlnet | controlnet | global_pool_conditions | true | is true; legal: \
                    false, since the guess mode is not built
                    sdxl-refiner  | unet       | in_channels            | 9    | is 9; legal for \
                    StableDiffusionXLImg2ImgPipeline with the latent_channels of \
                    vae_decoder/config.json, 4: 4
                    """)
    void refusesWhatIsNotBuiltByName(
            String model, String part, String field, String value, String problem)
            throws IOException {
        copy(TINY.resolveSibling(model));
        Path config = folder.resolve(part).resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replaceFirst("\"" + field + "\": [^,]+", "\"" + field + "\": " + value));
        assertThat(problems()).contains(part + "/config.json: " + field + " " + problem);
    }

    @Test
    void takesOldFoldersOfStableDiffusionForTheSizeThatTheReferenceDoes() throws IOException {
        assertThat(ModelFolder.read(folder).denoiser().width()).isEqualTo(16);
        old("0.8.1");
        assertThat(ModelFolder.read(folder).denoiser().width()).isEqualTo(64);
        assertThat(ModelFolder.read(folder).height().orElseThrow().usual()).isEqualTo(128);
        old("0.10.2");
        assertThat(ModelFolder.read(folder).denoiser().width()).isEqualTo(16);
        copy(TINY.resolveSibling("lcm"));
        old("0.8.1");
        assertThat(ModelFolder.read(folder).denoiser().width()).isEqualTo(16);
    }

    private void old(String version) throws IOException {
        replace(
                "unet/config.json",
                "^\\{(\\s*\"_diffusers_version\": \"[^\"]*\",)?",
                "{\"_diffusers_version\": \"" + version + "\",");
    }

    private void replace(String file, String pattern, String by) throws IOException {
        Path path = folder.resolve(file);
        Files.writeString(path, Files.readString(path).replaceFirst(pattern, by));
    }

    @Test
    void shiftsLatentsOnlyWhereTheReferencesPipelinesDo() throws IOException {
        replace("vae_decoder/config.json", "^\\{", "{\"shift_factor\": 0.5,");
        assertThat(ModelFolder.read(folder).vae()).map(VaeConfig::shiftFactor).contains(0.0);
        copy(TINY.resolveSibling("sd3"));
        replace("vae_decoder/config.json", "\"shift_factor\": [^,]+", "\"shift_factor\": 0.5");
        assertThat(ModelFolder.read(folder).vae()).map(VaeConfig::shiftFactor).contains(0.5);
    }

    @Test
    void takesOnlyTheSizeThatItsGraphsWereExportedFor() throws IOException {
        fix("unet/model.onnx", "sample", axis(24), axis(8));
        fix("vae_decoder/model.onnx", "latent_sample", axis(24), axis(8));
        ModelFolder fixed = ModelFolder.read(folder);
        Side height = fixed.height().orElseThrow();
        assertThat(height).hasToString("48, which the model was exported for");
        assertThat(height.usual()).isEqualTo(48);
        assertThat(height.holds(48)).isTrue();
        assertThat(height.holds(32)).isFalse();
        assertThat(fixed.width().orElseThrow().fixed()).isEqualTo(16);
        fix("vae_decoder/model.onnx", "latent_sample", axis(32), axis(8));
        assertThat(problems())
                .containsExactly(
                        "vae_decoder/model.onnx was exported for a height of 64 pixels; legal: 48,"
                                + " as the other graphs were");
    }

    @Test
    void refusesGraphsForSeveralRowsAtATime() throws IOException {
        declare("unet/model.onnx", "sample", axis(2), ANY, axis(8), axis(8));
        assertThat(problems())
                .containsExactly(
                        "unet/model.onnx takes 2 rows of sample at a time; legal: one, or any"
                                + " number");
        declare("unet/model.onnx", "sample", axis(1), ANY, axis(8), axis(8));
        assertThat(ModelFolder.read(folder).height().orElseThrow().fixed()).isEqualTo(16);
    }

    private void fix(String graph, String input, byte[] height, byte[] width) throws IOException {
        declare(graph, input, ANY, ANY, height, width);
    }

    /// Declares an input anew: the later declaration counts.
    private void declare(String graph, String input, byte[]... axes) throws IOException {
        byte[] type = field(1, join(new byte[] {1 << 3, 1}, field(2, join(axes))));
        byte[] value = join(field(1, input.getBytes(StandardCharsets.UTF_8)), field(2, type));
        Files.write(folder.resolve(graph), field(7, field(11, value)), StandardOpenOption.APPEND);
    }

    private static final byte[] ANY = field(1, new byte[0]);

    private static byte[] axis(int size) {
        return field(1, new byte[] {1 << 3, (byte) size});
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }

    @Test
    void refusesUnconditionalPicturesThatAreNeitherGreyNorColour() throws IOException {
        Path ddpm = Path.of(System.getProperty("fixtures"), "models", "ddpm");
        for (String file :
                List.of(
                        "model_index.json",
                        "scheduler/scheduler_config.json",
                        "unet/model.onnx",
                        "unet/config.json")) {
            Files.copy(
                    ddpm.resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Path config = folder.resolve("unet/config.json");
        Files.writeString(
                config,
                Files.readString(config)
                        .replaceFirst("\"in_channels\": \\d", "\"in_channels\": 4"));
        assertThat(problems())
                .containsExactly(
                        "unet/config.json: in_channels is 4; legal for DDPMPipeline: 1 or 3, grey"
                                + " or colour");
    }

    /// Adds to the graph in this file: protocol buffers are merged when they follow one another.
    private void keepWeightsIn(String file, byte[] partOfGraph) throws IOException {
        Files.write(folder.resolve(file), field(7, partOfGraph), StandardOpenOption.APPEND);
    }

    private static byte[] initializer(String weights) {
        return field(5, tensor(weights));
    }

    private static byte[] constantNode(String weights) {
        return field(1, field(5, field(5, tensor(weights))));
    }

    /// A tensor in the file of this name.
    private static byte[] tensor(String weights) {
        ByteArrayOutputStream entry = new ByteArrayOutputStream();
        entry.writeBytes(field(1, "location".getBytes(StandardCharsets.UTF_8)));
        entry.writeBytes(field(2, weights.getBytes(StandardCharsets.UTF_8)));
        return field(13, entry.toByteArray());
    }

    private static byte[] field(int number, byte[] content) {
        assertThat(content.length).isLessThan(128);
        ByteArrayOutputStream field = new ByteArrayOutputStream();
        field.write(number << 3 | 2);
        field.write(content.length);
        field.writeBytes(content);
        return field.toByteArray();
    }

    private void notes(String json) throws IOException {
        Files.writeString(folder.resolve("darkroom.json"), json);
    }

    @Test
    void readsHowItsSafetyCheckerWantsPicturesAndCountsThatFile() throws IOException {
        bringASafetyChecker();
        ModelFolder checked = ModelFolder.read(folder);
        assertThat(checked.safetyChecker()).map(ClipInput::edge).contains(24);
        assertThat(checked.components()).contains("safety_checker");
        assertThat(checked.files()).contains("feature_extractor/preprocessor_config.json");
        assertThat(ModelFolder.read(TINY).safetyChecker()).isEmpty();
        assertThat(ModelFolder.read(TINY).files()).noneMatch(file -> file.startsWith("feature"));
    }

    @Test
    void refusesASafetyCheckerWhosePicturesCannotBePrepared() throws IOException {
        bringASafetyChecker();
        Path file = folder.resolve("feature_extractor/preprocessor_config.json");
        Files.writeString(
                file,
                """
                {"do_normalize": false, "resample": 2, "size": {"height": 24}, "crop_size": 300,
                 "image_mean": [0.5], "image_std": [1, 0, 1]}
                """);
        assertThat(problems())
                .containsExactly(
                        "feature_extractor/preprocessor_config.json: do_normalize is false;"
                                + " legal: true",
                        "feature_extractor/preprocessor_config.json: resample is 2;"
                                + " legal: 3, bicubic",
                        "feature_extractor/preprocessor_config.json: size is {\"height\":24}; legal:"
                                + " a whole number of at least 1, or an object with such a"
                                + " shortest_edge",
                        "feature_extractor/preprocessor_config.json: crop_size is 300 × 300; legal:"
                                + " at most size, 224",
                        "feature_extractor/preprocessor_config.json: image_mean is [0.5];"
                                + " legal: 3 numbers",
                        "feature_extractor/preprocessor_config.json: image_std is [1,0,1]; legal:"
                                + " 3 numbers, none of them 0");
        Files.delete(file);
        assertThat(problems())
                .containsExactly("feature_extractor/preprocessor_config.json is missing");
    }

    @Test
    void knowsWhenTheIndexNamesASafetyCheckerThatIsNotThere() throws IOException {
        assertThat(ModelFolder.read(TINY).lacksSafetyChecker()).isFalse();
        Files.copy(
                SAFETY.resolve("model_index.json"),
                folder.resolve("model_index.json"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(ModelFolder.read(folder).lacksSafetyChecker()).isTrue();
        bringASafetyChecker();
        assertThat(ModelFolder.read(folder).lacksSafetyChecker()).isFalse();
    }

    private void bringASafetyChecker() throws IOException {
        for (String file :
                List.of(
                        "safety_checker/model.onnx",
                        "feature_extractor/preprocessor_config.json")) {
            Path target = folder.resolve(file);
            Files.createDirectories(target.getParent());
            Files.copy(SAFETY.resolve(file), target);
        }
    }

    private List<String> problems() {
        return catchThrowableOfType(ModelFolderException.class, () -> ModelFolder.read(folder))
                .problems();
    }
}
