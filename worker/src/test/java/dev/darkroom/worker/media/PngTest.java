package dev.darkroom.worker.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.worker.sampling.NoiseGenerator;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PngTest {
    @ParameterizedTest
    @CsvSource({
        // 127.5 is half way; it goes to the even level.
        "0, 0",
        "1, 255",
        "0.5, 128",
        "0.498, 127",
        "0.502, 128",
        "-0.2, 0",
        "1.7, 255"
    })
    void roundsAsTheReferenceRounds(float value, int level) {
        assertThat(Png.level(value)).isEqualTo(level);
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 3", "5, 7, 3", "64, 64, 3", "33, 2, 3", "4, 9, 1"})
    void anotherReaderSeesEveryPixel(int height, int width, int channels) throws IOException {
        FloatTensor picture = FloatTensor.allocate(Shape.of(height, width, channels));
        NoiseGenerator.ofSeed(height * 100L + width).uniform(picture);
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(Png.encode(picture, List.of())));
        assertThat(read.getWidth()).isEqualTo(width);
        assertThat(read.getHeight()).isEqualTo(height);
        for (int i = 0; i < picture.shape().elements(); i++) {
            int pixel = i / channels;
            int level = read.getRaster().getSample(pixel % width, pixel / width, i % channels);
            assertThat(level).isEqualTo(Png.level(picture.get(i)));
        }
    }

    @Test
    void smoothPicturesTakeATenthOfTheirPixels() {
        FloatTensor picture = FloatTensor.allocate(Shape.of(64, 64, 3));
        for (int i = 0; i < picture.shape().elements(); i++) {
            int pixel = i / 3;
            picture.set(i, (pixel % 64 + pixel / 64) / 128f);
        }
        assertThat(Png.encode(picture, List.of())).hasSizeLessThan(64 * 64 * 3 / 10);
        assertThat(read(picture)).isEqualTo(Png.level(picture.get(64 * 64 * 3 - 1)));
    }

    private static int read(FloatTensor picture) {
        try {
            byte[] file = Png.encode(picture, List.of());
            return ImageIO.read(new ByteArrayInputStream(file)).getRaster().getSample(63, 63, 2);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void samePictureAndTextGiveTheSameBytes() {
        FloatTensor picture = FloatTensor.allocate(Shape.of(8, 8, 3));
        List<Png.Text> texts = List.of(new Png.Text("Software", "test"));
        assertThat(Png.encode(picture, texts)).isEqualTo(Png.encode(picture.copy(), texts));
    }

    @Test
    void latinTextIsStoredPlainAndAnythingElseAsUtf8() {
        FloatTensor picture = FloatTensor.allocate(Shape.of(1, 1, 3));
        byte[] file =
                Png.encode(
                        picture,
                        List.of(
                                new Png.Text("Description", "ein Häuschen"),
                                new Png.Text("Comment", "🍎 and a \0 byte"),
                                new Png.Text(Provenance.XMP, "<x/>")));
        assertThat(Chunks.of(file))
                .containsExactly(
                        "IHDR",
                        "tEXt Description=ein Häuschen",
                        "iTXt Comment=🍎 and a   byte",
                        "iTXt XML:com.adobe.xmp=<x/>",
                        "IDAT",
                        "IEND");
    }

    @Test
    void refusesTwoChannels() {
        FloatTensor picture = FloatTensor.allocate(Shape.of(2, 2, 2));
        assertThatThrownBy(() -> Png.encode(picture, List.of()))
                .hasMessage("a picture has 1 or 3 channels, not 2");
    }
}
