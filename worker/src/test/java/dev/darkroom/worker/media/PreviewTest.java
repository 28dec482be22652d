package dev.darkroom.worker.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.darkroom.worker.sampling.NoiseGenerator;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreviewTest {
    private static final Preview PREVIEW =
            new Preview(
                    new LatentColours(
                            List.of(List.of(1.0, 0.0, 0.0), List.of(0.0, 0.5, 0.0)),
                            List.of(0.0, 0.0, 0.25)));

    @Test
    void showsTheColoursThatTheMapGives() throws IOException {
        FloatTensor latents = FloatTensor.allocate(Shape.of(2, 4, 4));
        for (int cell = 0; cell < 16; cell++) {
            latents.set(cell, 0.8f);
            latents.set(16 + cell, 1f);
        }
        Color colour = new Color(decoded(PREVIEW.dataUri(latents)).getRGB(20, 20));
        assertThat(colour.getRed() / 255.0).isCloseTo(0.8, within(0.03));
        assertThat(colour.getGreen() / 255.0).isCloseTo(0.5, within(0.03));
        assertThat(colour.getBlue() / 255.0).isCloseTo(0.25, within(0.03));
    }

    @Test
    void keepsUpAndLeftWhereTheyAre() throws IOException {
        FloatTensor latents = FloatTensor.allocate(Shape.of(2, 8, 8));
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                latents.set(y * 8 + x, 1f);
            }
        }
        BufferedImage picture = decoded(PREVIEW.dataUri(latents));
        assertThat(new Color(picture.getRGB(10, 10)).getRed()).isGreaterThan(235);
        assertThat(new Color(picture.getRGB(80, 10)).getRed()).isLessThan(20);
        assertThat(new Color(picture.getRGB(10, 80)).getRed()).isLessThan(20);
    }

    @ParameterizedTest
    @CsvSource({"8, 8, 96, 96", "64, 64, 96, 96", "128, 64, 48, 96", "1, 200, 96, 1"})
    void theLongerSideHasAsManyPixelsAsAPersonNeeds(int h, int w, int width, int height)
            throws IOException {
        BufferedImage picture = decoded(PREVIEW.dataUri(FloatTensor.allocate(Shape.of(2, h, w))));
        assertThat(picture.getWidth()).isEqualTo(width);
        assertThat(picture.getHeight()).isEqualTo(height);
    }

    @Test
    void staysWithinTheLimitEvenForNoise() {
        FloatTensor latents = FloatTensor.allocate(Shape.of(2, 128, 128));
        NoiseGenerator.ofSeed(1).normal(latents);
        assertThat(PREVIEW.dataUri(latents))
                .startsWith("data:image/jpeg;base64,")
                .hasSizeLessThanOrEqualTo(Preview.LIMIT);
    }

    @Test
    void survivesLatentsThatAreNotNumbers() throws IOException {
        FloatTensor latents = FloatTensor.allocate(Shape.of(2, 4, 4));
        latents.set(3, Float.NaN);
        latents.set(5, Float.POSITIVE_INFINITY);
        assertThat(decoded(PREVIEW.dataUri(latents)).getWidth()).isEqualTo(96);
    }

    @Test
    void refusesAnotherNumberOfChannels() {
        FloatTensor latents = FloatTensor.allocate(Shape.of(4, 8, 8));
        assertThatThrownBy(() -> PREVIEW.dataUri(latents))
                .hasMessage("latents are float[4, 8, 8], wanted 2 channels");
    }

    private static BufferedImage decoded(String uri) throws IOException {
        byte[] bytes = Base64.getDecoder().decode(uri.substring(uri.indexOf(',') + 1));
        return ImageIO.read(new ByteArrayInputStream(bytes));
    }
}
