package dev.darkroom.worker.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Safetensors;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClipInputTest {
    private static final Path FIXTURES = Path.of(System.getProperty("fixtures"));
    private static final ClipInput.Colours COLOURS =
            new ClipInput.Colours(
                    List.of(0.48145466, 0.4578275, 0.40821073),
                    List.of(0.26862954, 0.26130258, 0.27577711));

    @ParameterizedTest
    @CsvSource({"128x96, 24, 24", "31x17, 24, 24", "50x40, 57, 31", "64x64, 24, 17", "5x5, 8, 8"})
    void givesEveryNumberOfTheReference(String name, int edge, int crop) throws IOException {
        FloatTensor reference =
                Safetensors.read(FIXTURES.resolve("clip_inputs.safetensors"))
                        .floats(name + "-to-" + edge + "-cropped-to-" + crop);
        byte[] file = Files.readAllBytes(FIXTURES.resolve("resize/" + name + ".png"));
        Picture picture = Pictures.decode(file, new PictureLimits(128, 128 * 96));
        FloatTensor input = FloatTensor.allocate(reference.shape());

        new ClipInput(edge, crop, crop, 1 / 255.0, COLOURS).put(picture, input);

        assertThat(input.toArray()).isEqualTo(reference.toArray());
    }

    @Test
    void roundsWhatAPipelineMadeAndHasARowForEachPicture() {
        ClipInput plain =
                new ClipInput(
                        1,
                        1,
                        1,
                        1,
                        new ClipInput.Colours(List.of(0.0, 0.0, 10.0), List.of(1.0, 2.0, 1.0)));
        FloatTensor first = FloatTensor.of(Shape.of(1, 1, 3), 1f, 0.4f, 0.1f);
        FloatTensor grey = FloatTensor.of(Shape.of(1, 1, 1), 0.2f);

        FloatTensor input = plain.of(List.of(first, grey));

        assertThat(input.shape()).isEqualTo(Shape.of(2, 3, 1, 1));
        // 0.1 · 255 is 25.5, which goes to the even neighbour.
        assertThat(input.toArray()).containsExactly(255, 51, 16, 51, 25.5f, 41);
    }

    @Test
    void refusesAMiddleThatIsLargerThanThePicture() {
        assertThatThrownBy(() -> new ClipInput(24, 24, 25, 1, COLOURS))
                .hasMessage("keeps 25 × 24 pixels; legal: 1 to 24 a side");
    }
}
