package dev.darkroom.worker.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Kind;
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
import java.util.List;
import org.junit.jupiter.api.Test;

class EncodersTest {
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
        List<Encoded> files = encoded(noise(1), noise(2));
        assertThat(files).extracting(Encoded::index).containsExactly(0, 1);
        assertThat(files).extracting(Encoded::mediaType).containsOnly("image/png");
        assertThat(files).extracting(Encoded::extension).containsOnly("png");
        assertThat(files).extracting(Encoded::width).containsOnly(16);
        assertThat(files).extracting(Encoded::height).containsOnly(8);
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
                .contains("xmp:CreatorTool=\"Darkroom &lt;test>\"");
    }

    @Test
    void leavesOutOutputsThatHoldNothing() {
        assertThat(encoded(black(), noise(1), notNumbers()))
                .extracting(Encoded::index)
                .containsExactly(1);
    }

    @Test
    void failsWhenNoOutputIsLeft() {
        assertThatThrownBy(() -> encoded(black(), notNumbers()))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining(FailureCode.DEGENERATE_OUTPUT.name())
                .hasMessageContaining("output 0 has one colour throughout")
                .hasMessageContaining("output 1 holds values that are not numbers");
    }

    @Test
    void refusesWhatIsNotBuiltNamingEveryField() {
        Output output = new Output(OutputFormat.JPEG, 90, SampleFormat.S16, "");
        assertThatThrownBy(() -> Encoders.format(Kind.IMAGE, output))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining(FailureCode.UNSUPPORTED_PARAMETER.name())
                .hasMessageContaining("output.format is jpeg")
                .hasMessageContaining("output.quality is 90")
                .hasMessageContaining("output.sampleFormat is S16");
        assertThat(Encoders.format(Kind.IMAGE, Output.DEFAULT)).isEqualTo(OutputFormat.PNG);
    }

    private static List<Encoded> encoded(FloatTensor... pictures) {
        return Encoders.encode(new Media.Images(List.of(pictures)), Output.DEFAULT, PROVENANCE);
    }

    private static List<String> chunks(int index) {
        return Chunks.of(encoded(noise(1), noise(2)).get(index).bytes());
    }

    private static FloatTensor noise(long seed) {
        FloatTensor picture = black();
        NoiseGenerator.ofSeed(seed).uniform(picture);
        return picture;
    }

    private static FloatTensor black() {
        return FloatTensor.allocate(Shape.of(8, 16, 3));
    }

    private static FloatTensor notNumbers() {
        FloatTensor picture = noise(3);
        picture.set(200, Float.NaN);
        return picture;
    }
}
