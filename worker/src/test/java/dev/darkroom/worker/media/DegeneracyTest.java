package dev.darkroom.worker.media;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.worker.sampling.NoiseGenerator;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DegeneracyTest {
    @Test
    void showsAPicture() {
        FloatTensor picture = noise();
        assertThat(Degeneracy.judge(picture)).isEqualTo(new Media.Shown(picture));
    }

    @Test
    void withholdsOneColour() {
        FloatTensor picture = noise();
        for (int i = 0; i < picture.shape().elements(); i++) {
            picture.set(i, i % 3 / 4f);
        }
        assertThat(Degeneracy.judge(picture))
                .isEqualTo(Media.Withheld.degenerate("has one colour throughout"));
        picture.set(23, 0);
        assertThat(Degeneracy.judge(picture)).isInstanceOf(Media.Shown.class);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
    void withholdsWhatIsNoNumber(float value) {
        FloatTensor picture = noise();
        picture.set(20, value);
        assertThat(Degeneracy.judge(picture))
                .isEqualTo(Media.Withheld.degenerate("holds values that are not numbers"));
    }

    private static FloatTensor noise() {
        FloatTensor picture = FloatTensor.allocate(Shape.of(2, 4, 3));
        NoiseGenerator.ofSeed(3).uniform(picture);
        return picture;
    }
}
