package dev.darkroom.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import org.junit.jupiter.api.Test;

class ConditioningTest {
    private static final FloatTensor TOKENS = FloatTensor.of(Shape.of(1, 2, 3), 1, 2, 3, 4, 5, 6);

    @Test
    void encodingsThatAreTooShortGetZerosAndThoseTooLongAreCut() {
        assertThat(Conditioning.fitted(TOKENS, 4).toArray())
                .containsExactly(1, 2, 3, 0, 4, 5, 6, 0);
        FloatTensor cut = Conditioning.fitted(TOKENS, 2);
        assertThat(cut.shape()).isEqualTo(Shape.of(1, 2, 2));
        assertThat(cut.toArray()).containsExactly(1, 2, 4, 5);
        assertThat(Conditioning.fitted(TOKENS, 3)).isSameAs(TOKENS);
    }
}
