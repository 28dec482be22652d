package dev.darkroom.ops.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import org.junit.jupiter.api.Test;

class LatentsTest {
    @Test
    void referencesKeepAllCallsOrEveryHundredthOrTheLast() {
        assertThat(Latents.calls(3, 3)).containsExactly(0, 1, 2);
        assertThat(Latents.calls(3, 350)).containsExactly(99, 199, 299);
        assertThat(Latents.calls(1, 20)).containsExactly(19);
        assertThat(Latents.calls(1, 99)).containsExactly(98);
        assertThat(Latents.calls(1, 100)).containsExactly(99);
        assertThat(Latents.calls(1, 195)).containsExactly(99);
    }

    @Test
    void anotherNumberOfCallsIsAnotherWay() {
        assertThatThrownBy(() -> Latents.calls(6, 5))
                .isInstanceOf(ReferenceException.class)
                .hasMessageContaining("called 5 times, the reference has latents of 6 calls");
    }

    /// As the reference's `_pack_latents` packs `arange(32).reshape(1, 2, 4, 4)`.
    @Test
    void packsTwoByTwoCellsOfEveryChannel() {
        FloatTensor latents = FloatTensor.allocate(Shape.of(1, 2, 4, 4));
        for (int i = 0; i < 32; i++) {
            latents.set(i, i);
        }
        FloatTensor packed = Latents.like(Shape.of(1, 4, 8), latents);
        assertThat(packed.shape()).isEqualTo(Shape.of(1, 4, 8));
        assertThat(packed.toArray())
                .containsExactly(
                        0, 1, 4, 5, 16, 17, 20, 21, 2, 3, 6, 7, 18, 19, 22, 23, 8, 9, 12, 13, 24,
                        25, 28, 29, 10, 11, 14, 15, 26, 27, 30, 31);
        assertThat(Latents.like(latents.shape(), latents)).isSameAs(latents);
    }
}
