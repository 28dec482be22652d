package dev.darkroom.worker.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Numbers computed with NumPy 2 and torchsde 0.2.6, for times in single precision.
class BrownianPathTest {
    private static final long SEED = 1234;

    static Stream<Arguments> increments() {
        return Stream.of(
                Arguments.of(0.3f, 500f, 17.495750427246094),
                Arguments.of(0.3f, 250.15f, 5.4167890548706055),
                Arguments.of(1.5f, 2.25f, 0.14299054443836212),
                Arguments.of(100.12346f, 400.7f, 5.983331680297852),
                Arguments.of(499.9f, 500f, -0.09370777010917664));
    }

    @ParameterizedTest(name = "{0} to {1}")
    @MethodSource("increments")
    void goesTheReferencesWay(float from, float to, double expected) {
        // An increment is a sum and a difference of draws as large as the whole path's.
        assertThat(increment(from, to)).isCloseTo(expected, within(1e-5));
    }

    @Test
    void addsUp() {
        assertThat(increment(1, 40) + increment(40, 300))
                .isCloseTo(increment(1, 300), within(1e-5));
    }

    @Test
    void standsStillOutsideOfItsTimes() {
        assertThat(increment(0, 0.3f)).isZero();
        assertThat(increment(0, 500)).isEqualTo(increment(0.3f, 1000));
    }

    private static double increment(float from, float to) {
        FloatTensor into = FloatTensor.allocate(Shape.of(1));
        new BrownianPath(0.3f, 500, into.shape()).increment(SEED, from, to, into);
        return into.get(0);
    }

    static Stream<Arguments> words() {
        return Stream.of(
                Arguments.of(0L, -1L, 0, 4025752534L),
                Arguments.of(SEED, -1L, 0, 4280268349L),
                Arguments.of(-1L, -1L, 0, 1186816001L),
                Arguments.of(SEED, 0L, 0, 840100010L),
                Arguments.of(SEED, 5L, 3, 1860635963L),
                Arguments.of((1L << 40) + 7, (1L << 33) + 1, 34, 1614522446L));
    }

    /// A key of −1 stands for the sequence itself.
    @ParameterizedTest(name = "{0} at {1}, {2}")
    @MethodSource("words")
    void seedsNodesAsNumpyDoes(long seed, long key, int depth, long expected) {
        SeedSequence seeds = new SeedSequence();
        int word = key < 0 ? seeds.word(seed) : seeds.word(seed, key, depth);
        assertThat(Integer.toUnsignedLong(word)).isEqualTo(expected);
    }
}
