package dev.darkroom.worker.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Safetensors;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NoiseGeneratorTest {
    /// The reference uses vectorised approximations of log, sin and cos in single precision, which
    /// differ from the rounded true values in the last bits: 1e-6 of the largest magnitude a draw
    /// can have (about 5.8).
    private static final float FLOAT_TOLERANCE = 1e-6f;

    private static Safetensors reference;

    @BeforeAll
    static void readReference() throws IOException {
        reference = Safetensors.read(Path.of(System.getProperty("fixtures"), "noise.safetensors"));
    }

    static Stream<String> draws() {
        return reference.names().stream().filter(name -> name.matches("\\d+:[\\d,]+"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("draws")
    void drawsTheReferencesNormals(String name) throws IOException {
        String[] seedAndSizes = name.split(":", -1);
        NoiseGenerator generator = NoiseGenerator.ofSeed(Long.parseUnsignedLong(seedAndSizes[0]));
        double[] expected = reference.doubles(name);
        int at = 0;
        for (String size : seedAndSizes[1].split(",", -1)) {
            for (float value : normals(generator, Integer.parseInt(size))) {
                assertThat((double) value)
                        .as("value " + at)
                        .isCloseTo(expected[at], within((double) FLOAT_TOLERANCE));
                at++;
            }
        }
        assertThat(at).isEqualTo(expected.length);
    }

    @Test
    void drawsAMillionNormalsAsTheReferenceDoes() throws IOException {
        float[] drawn = normals(NoiseGenerator.ofSeed(7), 1 << 20);
        double[] tail = reference.doubles("7:1048576.tail64");
        for (int i = 0; i < tail.length; i++) {
            assertThat((double) drawn[drawn.length - tail.length + i])
                    .isCloseTo(tail[i], within((double) FLOAT_TOLERANCE));
        }
    }

    @Test
    void drawsTheReferencesUniformsExactly() throws IOException {
        FloatTensor drawn = FloatTensor.allocate(Shape.of(64));
        NoiseGenerator.ofSeed(7).uniform(drawn);
        assertThat(drawn.toArray()).isEqualTo(reference.floats("7:uniform.64").toArray());
    }

    @Test
    void drawsTheReferencesNormalsOfDoublePrecision() throws IOException {
        double[] drawn = new double[40];
        NoiseGenerator.ofSeed(7).normal(drawn);
        double[] expected = reference.doubles("7:double.40");
        for (int i = 0; i < drawn.length; i++) {
            assertThat(drawn[i]).isCloseTo(expected[i], within(1e-14));
        }
    }

    @Test
    void takesOnlyTheLow32BitsOfTheSeedAndKeepsAll() {
        NoiseGenerator wide = NoiseGenerator.ofSeed(1L << 32);
        assertThat(normals(wide, 20))
                .isEqualTo(normals(NoiseGenerator.ofSeed(0), 20))
                .isNotEqualTo(normals(NoiseGenerator.ofSeed(1), 20));
        assertThat(wide.seed()).isEqualTo(1L << 32);
        assertThat(NoiseGenerator.ofState(wide.state()).seed()).isEqualTo(1L << 32);
    }

    @Test
    void goesOnBitForBitFromASavedStateIncludingTheCachedNormal() {
        NoiseGenerator generator = NoiseGenerator.ofSeed(3);
        normals(generator, 1000);
        normals(generator, 5);
        byte[] saved = generator.state().toBytes();
        NoiseGenerator restored = NoiseGenerator.ofState(NoiseGenerator.State.ofBytes(saved));

        assertThat(restored.state()).isEqualTo(generator.state());
        for (int size : new int[] {1, 4, 700, 3}) {
            assertThat(normals(restored, size)).isEqualTo(normals(generator, size));
        }
        assertThat(restored.state()).isEqualTo(generator.state());
        assertThat(NoiseGenerator.State.ofBytes(saved)).isNotEqualTo(generator.state());
    }

    @Test
    void refusesBytesThatAreNoState() {
        byte[] valid = NoiseGenerator.ofSeed(1).state().toBytes();
        byte[] beyond = valid.clone();
        beyond[624 * 4 + 2] = 3;
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NoiseGenerator.State.ofBytes(Arrays.copyOf(valid, 100)))
                .withMessageContaining("2517")
                .withMessageContaining("100");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NoiseGenerator.State.ofBytes(beyond))
                .withMessageContaining("position");
    }

    @Test
    void drawsStandardNormals() {
        float[] drawn = normals(NoiseGenerator.ofSeed(11), 1 << 16);
        double mean =
                IntStream.range(0, drawn.length).mapToDouble(i -> drawn[i]).average().orElseThrow();
        double square =
                IntStream.range(0, drawn.length)
                        .mapToDouble(i -> drawn[i] * (double) drawn[i])
                        .average()
                        .orElseThrow();
        assertThat(mean).isCloseTo(0, within(0.02));
        assertThat(square).isCloseTo(1, within(0.02));
    }

    private static float[] normals(NoiseGenerator generator, int size) {
        FloatTensor drawn = FloatTensor.allocate(Shape.of(size));
        generator.normal(drawn);
        return drawn.toArray();
    }
}
