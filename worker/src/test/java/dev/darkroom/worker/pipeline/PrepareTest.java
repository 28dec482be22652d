package dev.darkroom.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.FolderNotes.Range;
import dev.darkroom.worker.sampling.SchedulerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a job becomes before it runs, and what is refused.
class PrepareTest {
    private static Studio tiny;
    private static Studio shipped;
    private static Blueprint sd;
    private static Blueprint ddpm;
    private static Blueprint emoji;

    @BeforeAll
    static void open() {
        tiny = Studio.open(Path.of(System.getProperty("fixtures"), "models"));
        shipped = Studio.open(Path.of(System.getProperty("models")));
        sd = tiny.models().blueprint(new ModelId("sd"));
        ddpm = tiny.models().blueprint(new ModelId("ddpm"));
        emoji = shipped.models().blueprint(new ModelId("emoji"));
    }

    @Test
    void judgesWithoutLoadingAnything() {
        assertThat(tiny.models().loaded()).isEmpty();
        assertThat(shipped.models().loaded()).isEmpty();
    }

    @AfterAll
    static void close() {
        tiny.close();
        shipped.close();
    }

    @Test
    void fillsTheReferencesDefaultsWhereTheFolderHasNone() {
        assertThat(prepared(sd, "'prompt': 'x'"))
                .isEqualTo(
                        spec(
                                "'prompt': 'x', 'negativePrompt': '', 'width': 32, 'height': 32,"
                                        + " 'count': 1, 'steps': 50, 'guidance': 7.5, 'scheduler':"
                                        + " 'pndm', 'eta': 0, 'guidanceRescale': 0, 'clipSkip': 0"));
        assertThat(prepared(ddpm, ""))
                .isEqualTo(
                        spec(
                                "'width': 16, 'height': 16, 'count': 1, 'steps': 1000,"
                                        + " 'scheduler': 'ddpm', 'eta': 0"));
    }

    @Test
    void aFolderForDdimSamplesWithDdimWhateverItsScheduler(@TempDir Path root) throws IOException {
        Path folder = root.resolve("ddim");
        Path original = ddpm.folder().path();
        for (String file : ddpm.folder().files()) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.copy(original.resolve(file), folder.resolve(file));
        }
        Files.writeString(
                folder.resolve("model_index.json"), "{\"_class_name\": \"DDIMPipeline\"}");
        try (Studio studio = Studio.open(root)) {
            Blueprint ddim = studio.models().blueprint(new ModelId("ddim"));
            assertThat(prepared(ddim, "'eta': 0.3"))
                    .isEqualTo(
                            spec(
                                    "'width': 16, 'height': 16, 'count': 1, 'steps': 50,"
                                            + " 'scheduler': 'ddim', 'eta': 0.3"));
        }
    }

    @Test
    void theFoldersDefaultsComeFirst() {
        assertThat(prepared(emoji, "'prompt': 'x', 'count': 2"))
                .isEqualTo(
                        spec(
                                "'prompt': 'x', 'negativePrompt': '', 'width': 64, 'height': 64,"
                                        + " 'count': 2, 'steps': 20, 'guidance': 4, 'scheduler':"
                                        + " 'dpmpp-2m', 'eta': 0, 'guidanceRescale': 0, 'clipSkip':"
                                        + " 0"));
    }

    @Test
    void namesEverythingThatTheModelCannotDoAtOnce() {
        Failure failure =
                refused(
                        sd,
                        "'width': 63, 'scheduler': 'flow-euler', 'guidanceRescale': 0.5, 'clipSkip': 1,"
                                + " 'init': {'uri': 's3://in/cat.png'}, 'strength': 0.5,"
                                + " 'control': [{'model': 'default', 'image': {'uri': 's3://a/b'}}]");
        assertThat(failure.code()).isEqualTo(FailureCode.UNSUPPORTED_PARAMETER);
        assertThat(failure.violations())
                .extracting(Violation::field)
                .containsExactlyInAnyOrder(
                        "spec.prompt",
                        "spec.width",
                        "spec.scheduler",
                        "spec.guidanceRescale",
                        "spec.clipSkip",
                        "spec.control");
        assertThat(failure.message())
                .contains("spec.width is 63; legal: a multiple of 4")
                .contains("spec.scheduler is flow-euler; legal: ddim, ddpm, deis, dpm2")
                .contains("spec.prompt is missing");
    }

    @Test
    void correctsTheSchedulersOfOldFoldersWhereTheReferencesPipelinesDo() {
        SchedulerConfig old =
                SchedulerConfig.of(
                        Map.of(
                                "clip_sample", true,
                                "steps_offset", 0,
                                "skip_prk_steps", false));
        Family family = new StableDiffusion(sd);
        assertThat(family.scheduler(old, Task.TEXT_TO_IMAGE, false))
                .isEqualTo(family.scheduler(old, Task.IMAGE_TO_IMAGE, false))
                .isEqualTo(old.with("clip_sample", false).with("steps_offset", 1));
        assertThat(family.scheduler(old, Task.INPAINTING, false))
                .isEqualTo(old.with("skip_prk_steps", true).with("steps_offset", 1));
        assertThat(family.scheduler(old, Task.INPAINTING, true)).isEqualTo(old);
    }

    @Test
    void saysWhichPicturesAModelTakes() {
        String control = "'control': [{'model': 'pose', 'image': {'uri': 's3://a/b'}}]";
        assertThat(refused(sd, "'prompt': 'x', " + control).message())
                .isEqualTo("spec.control is 1 item; legal: absent: sd has no ControlNet");
        Blueprint controlled = tiny.models().blueprint(new ModelId("sd-controlnet"));
        assertThat(refused(controlled, "'prompt': 'x'").message())
                .isEqualTo("spec.control is missing; legal: at least one of default");
        assertThat(refused(controlled, "'prompt': 'x', " + control).message())
                .isEqualTo("spec.control[0].model is pose; legal: default");
        Blueprint inpainting = tiny.models().blueprint(new ModelId("sd-inpaint"));
        assertThat(refused(inpainting, "'prompt': 'x'").message())
                .isEqualTo(
                        "spec.mask is missing; legal: an init picture and a mask: sd-inpaint inpaints");
        Blueprint refiner = tiny.models().blueprint(new ModelId("sdxl-refiner"));
        assertThat(refused(refiner, "'prompt': 'x'").message())
                .isEqualTo(
                        "spec.init is missing; legal: the pictures of image to image or inpainting,"
                                + " which is what StableDiffusionXLImg2ImgPipeline does");
        Blueprint lcm = tiny.models().blueprint(new ModelId("lcm"));
        String masked = "'init': {'uri': 's3://a/b'}, 'mask': {'uri': 's3://a/b'}";
        assertThat(refused(lcm, "'prompt': 'x', " + masked).message())
                .isEqualTo(
                        "spec.mask is s3://a/b; legal: the pictures of text to image or image to image,"
                                + " which is what LatentConsistencyModelPipeline does");
        Blueprint flux = tiny.models().blueprint(new ModelId("flux"));
        assertThat(refused(flux, "'prompt': 'x', 'negativePrompt': 'y'").message())
                .isEqualTo(
                        "spec.negativePrompt is y; legal: absent: flux is not guided by a negative"
                                + " prompt");
    }

    @Test
    void refusesAStrengthThatLeavesNoStep() {
        String init =
                "'prompt': 'x', 'steps': 4, 'scheduler': 'ddim', 'init': {'uri': 's3://a/b'},"
                        + " 'strength': 0.2";
        assertThat(refused(sd, init).message())
                .isEqualTo(
                        "spec.strength is 0.2; legal: at least 0.25 with 4 steps, so that one is"
                                + " made");
    }

    @Test
    void refusesAStrengthThatLeavesFewerDistilledTimestepsThanSteps() {
        String init = "'prompt': 'x', 'steps': 4, 'init': {'uri': 's3://a/b'}, 'strength': ";
        assertThat(refused("lcm", init + "0.05"))
                .isEqualTo("spec.steps is 4; legal: 1 to 2, with strength 0.05");
        assertThat(refused("lcm", init + "0.01"))
                .isEqualTo(
                        "spec.steps is 4; legal: none: the strength is too small, with strength"
                                + " 0.01");
        assertThat(prepared(tiny.models().blueprint(new ModelId("lcm")), init + "0.08"))
                .isInstanceOf(ImageSpec.class);
    }

    @Test
    void refusesPicturesWithMorePositionsThanTheTransformerKnows() {
        String size = "'prompt': 'x', 'height': 32, 'width': ";
        Blueprint sd3 = tiny.models().blueprint(new ModelId("sd3"));
        int greatest = sd3.folder().width().orElseThrow().greatest();
        assertThat(greatest).isEqualTo(32 * sd3.folder().sideMultiple());
        assertThat(prepared(sd3, size + greatest)).isInstanceOf(ImageSpec.class);
        int more = greatest + sd3.folder().sideMultiple();
        assertThat(refused("sd3", size + more))
                .isEqualTo(
                        "spec.width is "
                                + more
                                + "; legal: a multiple of "
                                + sd3.folder().sideMultiple()
                                + " up to "
                                + greatest);
    }

    @Test
    void namesPresignedPicturesWithoutTheirSignatures() {
        String init = "'init': {'uri': 'https://store/cat.png?X-Amz-Signature=secret'}";
        assertThat(refused(ddpm, init).message()).doesNotContain("secret").contains("cat.png");
    }

    @Test
    void holdsJobsToTheLimitsOfTheFolder() {
        Failure failure = refused(emoji, "'prompt': 'x', 'width': 128");
        assertThat(failure.code()).isEqualTo(FailureCode.LIMIT_EXCEEDED);
        assertThat(failure.message()).isEqualTo("spec.width is 128; legal: 64, as the model says");
    }

    @Test
    void saysOncePerFieldWhatIsLegal() {
        Failure failure = refused(emoji, "'prompt': 'x', 'width': 63");
        assertThat(failure.code()).isEqualTo(FailureCode.UNSUPPORTED_PARAMETER);
        assertThat(failure.message()).isEqualTo("spec.width is 63; legal: 64, as the model says");
        Terms terms = new Terms(Map.of("width", new Range(32, 128)));
        assertThat(terms.legal("width", "a multiple of 16"))
                .isEqualTo("a multiple of 16 within 32 to 128, as the model says");
    }

    @Test
    void refusesMoreStepsThanTheModelWasTrainedWith() {
        assertThat(refused(sd, "'prompt': 'x', 'steps': 1001").message())
                .isEqualTo("spec.steps is 1001; legal: 1 to 1000");
    }

    @Test
    void refusesEtaWhereTheSamplerHasNone() {
        assertThat(refused(sd, "'prompt': 'x', 'eta': 0.5, 'scheduler': 'euler'").message())
                .startsWith("spec.eta is 0.5; legal: 0");
    }

    @Test
    void refusesTextAndOtherSizesForAModelWithout() {
        Failure failure = refused(ddpm, "'prompt': 'x', 'guidance': 3, 'height': 32");
        assertThat(failure.violations())
                .extracting(Violation::field)
                .containsExactlyInAnyOrder("spec.prompt", "spec.guidance", "spec.height");
    }

    @Test
    void refusesSoundFromAModelForPictures() {
        FailureException refused =
                catchThrowableOfType(
                        FailureException.class,
                        () ->
                                Pipelines.of(sd)
                                        .prepare(
                                                json(
                                                        "{'kind': 'audio', 'prompt': 'x', 'seed':"
                                                                + " 1}")));
        assertThat(refused)
                .hasMessage(
                        "UNSUPPORTED_PARAMETER: spec.kind is audio; legal: image, which is what sd"
                                + " makes");
    }

    @Test
    void warnsOfACutPromptWithTheNumberOfTokens() {
        Pipeline.Prepared prepared =
                Pipelines.of(sd).prepare(spec("'prompt': '" + "x ".repeat(80) + "'"));
        assertThat(prepared.warnings())
                .singleElement()
                .asString()
                .startsWith("prompt is too long for the text encoder: 5 tokens at its end were cut")
                .endsWith(": x x x x x");
    }

    @Test
    void refusesSamplersThatTheReferencesPipelineCannotBeDrivenBy() {
        String text = "'prompt': 'x', 'width': 32, 'height': 32, 'scheduler': ";
        String picture = ", 'init': {'uri': 's3://inputs/a.png'}";

        assertThat(refused("lcm", text + "'ddim'")).contains("spec.scheduler is ddim; legal: lcm");
        assertThat(refused("flux", text + "'flow-heun'"))
                .contains("legal: flow-dpmpp-2m, flow-euler, flow-unipc");
        assertThat(refused("flux-schnell", text + "'flow-dpmpp-2m'"))
                .contains("spec.scheduler is flow-dpmpp-2m; legal: flow-euler");
        assertThat(refused("flux", text + "'flow-unipc'" + picture))
                .contains("spec.scheduler is flow-unipc; legal: flow-euler");
        assertThat(refused("sd3", text + "'flow-dpmpp-2m'" + picture))
                .contains("spec.scheduler is flow-dpmpp-2m; legal: flow-euler, flow-heun");
    }

    @Test
    void saysOnceThatAFamilyWithoutControlNetsHasNone() {
        assertThat(
                        refused(
                                "sd3",
                                "'prompt': 'x', 'control':"
                                        + " [{'model': 'pose', 'image': {'uri': 's3://a/b'}}]"))
                .isEqualTo("spec.control is 1 item; legal: absent: sd3 has no ControlNet");
        assertThat(refused("ddpm", "'control': [{'model': 'pose', 'image': {'uri': 's3://a/b'}}]"))
                .isEqualTo(
                        "spec.control is 1 item; legal: absent: ddpm makes pictures from noise"
                                + " alone");
    }

    @Test
    void showsNoSignatureOfAPictureThatItRefuses() {
        assertThat(refused("ddpm", "'init': {'uri': 'https://h/a.png?Signature=secret'}"))
                .isEqualTo(
                        "spec.init is https://h/a.png; legal: absent: ddpm makes pictures from"
                                + " noise alone");
    }

    @Test
    void refusesToInpaintWithOtherChannelsThanTheReferenceInsistsOn() {
        assertThat(
                        refused(
                                "sd3",
                                "'prompt': 'x', 'width': 32, 'height': 32,"
                                        + " 'init': {'uri': 's3://inputs/a.png'},"
                                        + " 'mask': {'uri': 's3://inputs/b.png'}"))
                .isEqualTo(
                        "spec.mask is s3://inputs/b.png; legal: absent: sd3 has latents of 4"
                                + " channels, and the reference's pipeline inpaints those of 16"
                                + " only");
    }

    private static String refused(String model, String fields) {
        return refused(tiny.models().blueprint(new ModelId(model)), fields).message();
    }

    @Test
    void warnsOfANegativePromptThatHasNoEffect() {
        Pipeline.Prepared prepared =
                Pipelines.of(sd)
                        .prepare(spec("'prompt': 'x', 'negativePrompt': 'y', 'guidance': 1"));
        assertThat(prepared.warnings())
                .containsExactly(
                        "negativePrompt has no effect, since guidance is 1.0, not above 1");
    }

    private static Spec prepared(Blueprint model, String fields) {
        return Pipelines.of(model).prepare(spec(fields)).parameters();
    }

    private static Failure refused(Blueprint model, String fields) {
        return catchThrowableOfType(FailureException.class, () -> prepared(model, fields))
                .failure();
    }

    private static Spec spec(String fields) {
        String comma = fields.isEmpty() ? "" : ", ";
        return json("{'kind': 'image', 'seed': 1" + comma + fields + "}");
    }

    private static Spec json(String text) {
        try {
            return JobCodec.decodeSpec(new ObjectMapper().readTree(text.replace('\'', '"')));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
