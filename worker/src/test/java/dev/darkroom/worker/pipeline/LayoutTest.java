package dev.darkroom.worker.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.worker.model.VaeConfig;
import dev.darkroom.worker.sampling.NoiseGenerator;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Latents of every number of axes on their way to the denoiser and back.
class LayoutTest {
    @ParameterizedTest
    @MethodSource("latents")
    void plainLatentsStayAsTheyAre(Shape shape) {
        FloatTensor latents = counting(shape);
        FloatTensor given = FloatTensor.allocate(Layout.PLAIN.shape(shape));
        Layout.PLAIN.pack(latents, given);
        assertThat(given.shape()).isEqualTo(shape);
        assertThat(given.toArray()).isEqualTo(latents.toArray());
        FloatTensor back = FloatTensor.allocate(shape);
        Layout.PLAIN.unpack(given, back);
        assertThat(back.toArray()).isEqualTo(latents.toArray());
    }

    @ParameterizedTest
    @MethodSource("latents")
    void encodedMediaAreDrawnWithTheirOwnAxes(Shape shape) {
        Shape parameters = shape.withFirst(2 * shape.size(0)).batchOf(1);
        LatentCodec.Posterior certain =
                new LatentCodec.Posterior(counting(parameters), new VaeConfig(2, 2, 0, 1));
        FloatTensor drawn = certain.sample(NoiseGenerator.ofSeed(1));
        assertThat(drawn.shape()).isEqualTo(shape);
    }

    static Stream<Shape> latents() {
        return Stream.of(Shape.of(2, 6), Shape.of(2, 4, 6), Shape.of(2, 3, 4, 6));
    }

    @Test
    void packedLatentsAreTwoByTwoCellsInARow() {
        FloatTensor latents = counting(Shape.of(2, 2, 4));
        FloatTensor packed = FloatTensor.allocate(Layout.PACKED.shape(latents.shape()));
        Layout.PACKED.pack(latents, packed);
        assertThat(packed.shape()).isEqualTo(Shape.of(2, 8));
        assertThat(packed.toArray())
                .containsExactly(0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
        FloatTensor back = FloatTensor.allocate(latents.shape());
        Layout.PACKED.unpack(packed, back);
        assertThat(back.toArray()).isEqualTo(latents.toArray());
    }

    private static FloatTensor counting(Shape shape) {
        FloatTensor tensor = FloatTensor.allocate(shape);
        for (int k = 0; k < shape.elements(); k++) {
            tensor.set(k, k);
        }
        return tensor;
    }
}
