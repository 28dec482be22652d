package dev.darkroom.worker.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Output;
import dev.darkroom.protocol.job.OutputFormat;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Prompt;
import dev.darkroom.protocol.job.SampleFormat;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.worker.sampling.NoiseGenerator;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class EncodersTest {
    private static final Media.Withheld EMPTY = Media.Withheld.degenerate("is empty");
    private static final Media.Withheld FILTERED =
            new Media.Withheld(FailureCode.CONTENT_FILTERED, "was refused");
    private static final ImageSpec SPEC =
            new ImageSpec(
                    new Prompt("a red apple", "green"),
                    new Outputs(3, Seed.of("18446744073709551615")),
                    new Sampling(20, 4.0, SchedulerName.DPMPP_2M, 0.0, 0.0, 0),
                    new Size(16, 8),
                    Guides.NONE);
    private static final Provenance PROVENANCE =
            new Provenance(
                    "Darkroom <test>",
                    new ModelId("emoji"),
                    "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                    SPEC);

    @Test
    void writesOneFileForEachOutputWithItsOwnSeed() {
        List<Encoded> files = encoded(shown(noise(1)), shown(noise(2)));
        assertThat(files).extracting(Encoded::index).containsExactly(0, 1);
        assertThat(files).extracting(Encoded::mediaType).containsOnly("image/png");
        assertThat(files).extracting(Encoded::extension).containsOnly("png");
        assertThat(files).extracting(file -> file.dimensions().width()).containsOnly(16);
        assertThat(files).extracting(file -> file.dimensions().height()).containsOnly(8);
        assertThat(Chunks.of(files.get(0).bytes())).contains("tEXt Seed=18446744073709551615");
        // Seeds wrap around.
        assertThat(Chunks.of(files.get(1).bytes())).contains("tEXt Seed=0");
    }

    @Test
    void everyFileSaysWhereItComesFrom() {
        assertThat(chunks(0))
                .contains(
                        "tEXt Software=Darkroom <test>",
                        "tEXt Description=a red apple",
                        "tEXt Negative prompt=green",
                        "tEXt Steps=20",
                        "tEXt Guidance=4.0",
                        "tEXt Scheduler=dpmpp-2m",
                        "tEXt Model=emoji",
                        "tEXt Model digest=" + PROVENANCE.modelDigest(),
                        """
                        tEXt parameters=a red apple
                        Negative prompt: green
                        Steps: 20, Sampler: dpmpp-2m, CFG scale: 4.0, \
                        Seed: 18446744073709551615, Size: 16x8, \
                        Model hash: 0123456789, Model: emoji, Version: Darkroom <test>\
                        """);
    }

    @Test
    void theStoredJsonIsTheWholeJobAgain() throws JsonProcessingException {
        String keyword = "tEXt darkroom=";
        String stored =
                chunks(1).stream().filter(c -> c.startsWith(keyword)).findFirst().orElseThrow();
        JsonNode json = new ObjectMapper().readTree(stored.substring(keyword.length()));
        assertThat(json.required("model").textValue()).isEqualTo("emoji");
        assertThat(json.required("output").intValue()).isEqualTo(1);
        assertThat(json.required("seed").textValue()).isEqualTo("0");
        assertThat(JobCodec.decodeSpec(json.required("spec"))).isEqualTo(SPEC);
    }

    @Test
    void everyFileIsMarkedAsMadeByAModel() {
        assertThat(chunks(0))
                .filteredOn(chunk -> chunk.startsWith("iTXt XML:com.adobe.xmp="))
                .singleElement()
                .asString()
                .contains(
                        "Iptc4xmpExt:DigitalSourceType=\""
                                + "http://cv.iptc.org/newscodes/digitalsourcetype/"
                                + "trainedAlgorithmicMedia\"")
                .contains("xmp:CreatorTool=\"Darkroom &lt;test&gt;\"");
    }

    @Test
    void leavesOutOutputsThatAreWithheld() {
        assertThat(encoded(EMPTY, shown(noise(1)), FILTERED))
                .extracting(Encoded::index)
                .containsExactly(1);
    }

    @Test
    void failsWhenNoOutputIsLeftAndSaysWhyOfEach() {
        assertThatThrownBy(() -> encoded(EMPTY, FILTERED))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining(FailureCode.DEGENERATE_OUTPUT.name())
                .hasMessageContaining("output 0 is empty; output 1 was refused");
    }

    @Test
    void isFilteredWhenEveryOutputIs() {
        assertThatThrownBy(() -> encoded(FILTERED, FILTERED))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining(FailureCode.CONTENT_FILTERED.name());
    }

    @Test
    void refusesWhatIsNotBuiltNamingEveryField() {
        Output output = new Output(OutputFormat.MP4, null, SampleFormat.S16, "");
        assertThatThrownBy(() -> Encoders.format(SPEC, output))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining(FailureCode.UNSUPPORTED_PARAMETER.name())
                .hasMessageContaining("output.format is mp4; legal: png, jpeg or webp")
                .hasMessageContaining("output.sampleFormat is S16");
        assertThat(Encoders.format(SPEC, Output.DEFAULT)).isEqualTo(OutputFormat.PNG);
    }

    @Test
    void pngHasNoQuality() {
        Output output = new Output(OutputFormat.PNG, 90, null, "");
        assertThatThrownBy(() -> Encoders.format(SPEC, output))
                .hasMessageContaining("output.quality is 90; legal: absent: png is lossless");
    }

    @ParameterizedTest
    @CsvSource({"WEBP, 16384, 8, 16383", "WEBP, 8, 20000, 16383", "JPEG, 65501, 8, 65500"})
    void refusesPicturesThatTheFormatCannotHold(
            OutputFormat format, int width, int height, int side) {
        ImageSpec large =
                new ImageSpec(
                        SPEC.prompt(),
                        SPEC.outputs(),
                        SPEC.sampling(),
                        new Size(width, height),
                        Guides.NONE);
        assertThatThrownBy(() -> Encoders.format(large, new Output(format, null, null, "")))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("output.format is " + format.wireName() + " for " + width)
                .hasMessageContaining("up to " + side + " pixels on a side, or png");
    }

    @ParameterizedTest
    @CsvSource({"JPEG, image/jpeg, jpg", "WEBP, image/webp, webp"})
    void lossyFilesShowThePictureAndSayTheirSize(
            OutputFormat format, String mediaType, String extension) {
        FloatTensor picture = smooth();
        Encoded file = lossy(format, 95, picture);
        assertThat(file.mediaType()).isEqualTo(mediaType);
        assertThat(file.extension()).isEqualTo(extension);
        assertThat(file.dimensions().width()).isEqualTo(16);
        assertThat(file.dimensions().height()).isEqualTo(8);
        Picture seen = Pictures.decode(file.bytes(), new PictureLimits(16, 128));
        assertThat(seen).hasToString("16x8x3");
        Picture made = Picture.of(picture);
        for (int i = 0; i < made.levels().length; i++) {
            assertThat(seen.levels()[i] & 0xFF).isCloseTo(made.levels()[i] & 0xFF, within(12));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"JPEG", "WEBP"})
    void greyPicturesAreEncodedToo(OutputFormat format) {
        FloatTensor grey = FloatTensor.allocate(Shape.of(8, 16, 1));
        for (int i = 0; i < 128; i++) {
            grey.set(i, i / 127f);
        }
        Picture seen = Pictures.decode(lossy(format, 95, grey).bytes(), new PictureLimits(16, 128));
        assertThat(seen.level(15, 7, 0)).isGreaterThan(245).isEqualTo(seen.level(15, 7, 2));
        assertThat(seen.level(0, 0, 1)).isLessThan(10);
    }

    @ParameterizedTest
    @EnumSource(names = {"JPEG", "WEBP"})
    void qualityDecidesTheSizeAndIsNinetyByDefault(OutputFormat format) {
        FloatTensor picture = FloatTensor.allocate(Shape.of(64, 64, 3));
        NoiseGenerator.ofSeed(4).uniform(picture);
        int low = lossy(format, 1, picture).bytes().length;
        int high = lossy(format, 100, picture).bytes().length;
        assertThat(low * 2).isLessThan(high);
        assertThat(lossy(format, null, picture).bytes())
                .isEqualTo(lossy(format, 90, picture).bytes())
                .hasSizeBetween(low, high);
    }

    @Test
    void jpegKeepsChromaAtFullResolution() {
        byte[] file = lossy(OutputFormat.JPEG, 90, noise(1)).bytes();
        int frame = frame(file);
        // Three components, each sampled once across and once down.
        assertThat(file[frame + 9]).isEqualTo((byte) 3);
        assertThat(file[frame + 11]).isEqualTo((byte) 0x11);
        assertThat(file[frame + 14]).isEqualTo((byte) 0x11);
        assertThat(file[frame + 17]).isEqualTo((byte) 0x11);
    }

    @ParameterizedTest
    @EnumSource(names = {"JPEG", "WEBP"})
    void lossyFilesSayWhereTheyComeFromAsWell(OutputFormat format) {
        byte[] file = lossy(format, 90, noise(1)).bytes();
        String latin = new String(file, StandardCharsets.ISO_8859_1);
        assertThat(latin)
                .contains(
                        "Iptc4xmpExt:DigitalSourceType=\""
                                + "http://cv.iptc.org/newscodes/digitalsourcetype/"
                                + "trainedAlgorithmicMedia\"")
                .contains("<rdf:li xml:lang=\"x-default\">a red apple</rdf:li>")
                .contains("&quot;seed&quot;:&quot;18446744073709551615&quot;")
                .contains("a red apple\0Darkroom <test>\0")
                .contains("UNICODE\0" + utf16("a red apple\nNegative prompt: green\nSteps: 20"));
    }

    @Test
    void longTextsAreCutInExifAndWholeInXmp() {
        String prompt = "x🍎".repeat(30_000) + " end";
        ImageSpec spec =
                new ImageSpec(
                        new Prompt(prompt, "no"),
                        SPEC.outputs(),
                        SPEC.sampling(),
                        SPEC.size(),
                        Guides.NONE);
        Provenance provenance =
                new Provenance("Darkroom", PROVENANCE.model(), PROVENANCE.modelDigest(), spec);
        for (OutputFormat format : List.of(OutputFormat.JPEG, OutputFormat.WEBP)) {
            Media media = new Media.Images(List.of(shown(noise(1))));
            byte[] file =
                    Encoders.encode(media, new Output(format, null, null, ""), provenance)
                            .getFirst()
                            .bytes();
            String text = new String(file, StandardCharsets.UTF_8);
            assertThat(text).contains("x🍎x…\0").contains("trainedAlgorithmicMedia");
            assertThat(Pictures.decode(file, new PictureLimits(16, 128))).hasToString("16x8x3");
        }
    }

    @Test
    void addressesOfInputsAreStoredWithoutTheirSignature() {
        ImageSpec spec =
                new ImageSpec(
                        SPEC.prompt(),
                        SPEC.outputs(),
                        SPEC.sampling(),
                        SPEC.size(),
                        new Guides(
                                new InputUri("https://host/cat.png?X-Amz-Signature=secret"),
                                0.5,
                                new InputUri("s3://in/mask?.png"),
                                List.of()));
        Provenance provenance =
                new Provenance("Darkroom", PROVENANCE.model(), PROVENANCE.modelDigest(), spec);
        Media media = new Media.Images(List.of(shown(noise(1))));
        byte[] file = Encoders.encode(media, Output.DEFAULT, provenance).getFirst().bytes();
        assertThat(new String(file, StandardCharsets.UTF_8))
                .contains("https://host/cat.png\"")
                .contains("s3://in/mask?.png")
                .doesNotContain("secret");
    }

    private static Encoded lossy(
            OutputFormat format, @Nullable Integer quality, FloatTensor picture) {
        return Encoders.encode(
                        new Media.Images(List.of(shown(picture))),
                        new Output(format, quality, null, ""),
                        PROVENANCE)
                .getFirst();
    }

    /// Where the baseline frame header begins.
    private static int frame(byte[] file) {
        int at = 2;
        while ((file[at + 1] & 0xFF) != 0xC0) {
            at += 2 + (file[at + 2] & 0xFF) * 256 + (file[at + 3] & 0xFF);
        }
        return at;
    }

    private static String utf16(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.ISO_8859_1);
    }

    private static FloatTensor smooth() {
        FloatTensor picture = black();
        for (int i = 0; i < picture.shape().elements(); i++) {
            int pixel = i / 3;
            picture.set(i, (pixel % 16 * 2 + pixel / 16 * 3 + i % 3 * 20) / 100f);
        }
        return picture;
    }

    private static Media.Image shown(FloatTensor picture) {
        return new Media.Shown(picture);
    }

    private static List<Encoded> encoded(Media.Image... images) {
        return Encoders.encode(new Media.Images(List.of(images)), Output.DEFAULT, PROVENANCE);
    }

    private static List<String> chunks(int index) {
        return Chunks.of(encoded(shown(noise(1)), shown(noise(2))).get(index).bytes());
    }

    private static FloatTensor noise(long seed) {
        FloatTensor picture = black();
        NoiseGenerator.ofSeed(seed).uniform(picture);
        return picture;
    }

    private static FloatTensor black() {
        return FloatTensor.allocate(Shape.of(8, 16, 3));
    }
}
