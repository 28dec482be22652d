package dev.darkroom.worker.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.worker.tensor.Shape;
import org.junit.jupiter.api.Test;

class PictureTensorsTest {
    /// Two pixels: one red with a little green, one grey.
    private static final Picture PICTURE =
            new Picture(2, 1, 3, new byte[] {(byte) 255, 51, 0, 127, 127, 127});

    @Test
    void initHasAPlanePerChannelFromMinusOneToOne() {
        assertThat(PictureTensors.init(PICTURE, 2, 1).shape()).isEqualTo(Shape.of(1, 3, 1, 2));
        assertThat(PictureTensors.init(PICTURE, 2, 1).toArray())
                .containsExactly(
                        1f,
                        2f * (127 / 255f) - 1f,
                        2f * (51 / 255f) - 1f,
                        2f * (127 / 255f) - 1f,
                        -1f,
                        2f * (127 / 255f) - 1f);
    }

    @Test
    void controlGoesFromZeroToOne() {
        assertThat(PictureTensors.control(PICTURE, 2, 1).toArray())
                .containsExactly(1f, 127 / 255f, 51 / 255f, 127 / 255f, 0f, 127 / 255f);
    }

    @Test
    void maskIsCutAtHalf() {
        Picture mask = new Picture(4, 1, 1, new byte[] {0, 127, (byte) 128, (byte) 255});
        assertThat(PictureTensors.mask(mask, 4, 1).shape()).isEqualTo(Shape.of(1, 1, 1, 4));
        assertThat(PictureTensors.mask(mask, 4, 1).toArray()).containsExactly(0f, 0f, 1f, 1f);
    }

    @Test
    void colouredMasksAreJudgedByTheirLuma() {
        // Luma of pure green is 150, of pure red 76, of pure blue 29.
        Picture mask = new Picture(3, 1, 3, new byte[] {0, -1, 0, -1, 0, 0, 0, 0, -1});
        assertThat(mask.grey().levels()).containsExactly((byte) 150, (byte) 76, (byte) 29);
        assertThat(PictureTensors.mask(mask, 3, 1).toArray()).containsExactly(1f, 0f, 0f);
    }

    @Test
    void everyInputIsResizedToTheJob() {
        assertThat(PictureTensors.init(PICTURE, 16, 8).shape()).isEqualTo(Shape.of(1, 3, 8, 16));
        assertThat(PictureTensors.mask(PICTURE, 16, 8).shape()).isEqualTo(Shape.of(1, 1, 8, 16));
    }

    @Test
    void refusesLevelsThatDoNotFillThePicture() {
        assertThatThrownBy(() -> new Picture(2, 2, 3, new byte[11]))
                .hasMessage("2 × 2 × 3 is not 11");
        assertThatThrownBy(() -> new Picture(2, 2, 4, new byte[16]))
                .hasMessageContaining("legal: at least one pixel, and 1 or 3 channels");
    }
}
