package dev.darkroom.worker.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.device.RunTerminatedException;
import dev.darkroom.worker.device.Signature.ElementType;
import dev.darkroom.worker.device.Signature.Port;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The binding, over the small graphs of the reference folders and the demonstration model.
final class OnnxGraphTest {
    private static final Path FIXTURES = Path.of(property("fixtures"));
    private static final Path MODELS = Path.of(property("models"));

    private final OnnxRuntime runtime = OnnxRuntime.open(DeviceOptions.cpu());

    @AfterEach
    void close() {
        runtime.close();
    }

    /// Its file says that timesteps are whole numbers; so does one that really takes no others.
    @Test
    void takesFractionalTimestepsWhereTheGraphCan() {
        Graph open = runtime.load("sd/unet", FIXTURES.resolve("models/sd/unet/model.onnx"));
        Graph closed = runtime.load("ddpm/unet", FIXTURES.resolve("models/ddpm/unet/model.onnx"));
        assertThat(open.signature().input("timestep"))
                .hasValue(new Port("timestep", ElementType.FLOAT32, List.of(-1L)));
        assertThat(closed.signature().input("timestep"))
                .hasValue(new Port("timestep", ElementType.INT64, List.of(-1L)));
        FloatTensor sample = random(1, 1, 4, 8, 8);
        FloatTensor text = random(2, 1, 77, 32);
        List<float[]> made = new ArrayList<>();
        for (float timestep : new float[] {741, 741.5f, 742}) {
            made.add(
                    output(
                                    open.run(
                                            Map.of(
                                                    "sample",
                                                    sample,
                                                    "timestep",
                                                    FloatTensor.of(Shape.of(1), timestep),
                                                    "encoder_hidden_states",
                                                    text)),
                                    "out_sample")
                            .toArray());
        }
        assertThat(made.get(1)).isNotEqualTo(made.get(0)).isNotEqualTo(made.get(2));
    }

    @Test
    void readsWhatTheGraphDeclares() {
        Graph graph = runtime.load("sd/unet", FIXTURES.resolve("models/sd/unet/model.onnx"));
        assertThat(graph.name()).isEqualTo("sd/unet");
        assertThat(graph.signature().inputs())
                .containsExactly(
                        new Port("sample", ElementType.FLOAT32, List.of(-1L, 4L, -1L, -1L)),
                        new Port("timestep", ElementType.FLOAT32, List.of(-1L)),
                        new Port(
                                "encoder_hidden_states",
                                ElementType.FLOAT32,
                                List.of(-1L, -1L, 32L)));
        assertThat(graph.signature().outputs())
                .containsExactly(
                        new Port("out_sample", ElementType.FLOAT32, List.of(-1L, 4L, -1L, -1L)));
        Graph optimum =
                runtime.load("sd/unet", FIXTURES.resolve("models-optimum/sd/unet/model.onnx"));
        assertThat(optimum.signature().input("timestep"))
                .hasValueSatisfying(port -> assertThat(port.scalar()).isTrue());
    }

    @Test
    void aScalarAndAVectorTimestepGiveTheSameNumbers() {
        Graph vector = runtime.load("vector", FIXTURES.resolve("models/sd/unet/model.onnx"));
        Graph scalar =
                runtime.load("scalar", FIXTURES.resolve("models-optimum/sd/unet/model.onnx"));
        FloatTensor sample = random(1, 2, 4, 8, 8);
        FloatTensor text = random(2, 2, 77, 32);
        FloatTensor one =
                output(
                        vector.run(
                                Map.of(
                                        "sample",
                                        sample,
                                        "timestep",
                                        FloatTensor.of(Shape.of(2), 741, 741),
                                        "encoder_hidden_states",
                                        text)),
                        "out_sample");
        FloatTensor other =
                output(
                        scalar.run(
                                Map.of(
                                        "sample",
                                        sample,
                                        "timestep",
                                        LongTensor.of(Shape.of(), 741),
                                        "encoder_hidden_states",
                                        text)),
                        "out_sample");
        assertClose(other.toArray(), one.toArray());
    }

    @Test
    void aBatchOfFourEqualsFourSingleRows() {
        Graph graph = runtime.load("emoji/unet", MODELS.resolve("emoji/unet/model.onnx"));
        FloatTensor sample = random(3, 4, 16, 8, 8);
        FloatTensor text = random(4, 4, 77, 128);
        LongTensor timesteps = LongTensor.of(Shape.of(4), 999, 750, 20, 1);
        Map<String, Tensor> batch =
                Map.of("sample", sample, "timestep", timesteps, "encoder_hidden_states", text);
        float[] merged = output(graph.run(batch), "out_sample").toArray();
        for (int row = 0; row < 4; row++) {
            Map<String, Tensor> single = new HashMap<>();
            for (Map.Entry<String, Tensor> input : batch.entrySet()) {
                single.put(input.getKey(), input.getValue().rows(row, row + 1));
            }
            float[] alone = output(graph.run(single), "out_sample").toArray();
            float[] within = new float[alone.length];
            System.arraycopy(merged, row * alone.length, within, 0, alone.length);
            assertClose(within, alone);
        }
    }

    @Test
    void aSecondRunOfAShapeWritesToTheSameMemoryAndGivesTheSameNumbers() {
        Graph graph = runtime.load("ddpm/unet", FIXTURES.resolve("models/ddpm/unet/model.onnx"));
        Map<String, Tensor> inputs = ddpm(2, 5);
        FloatTensor first = output(graph.run(inputs), "out_sample").copy();
        FloatTensor second = output(graph.run(inputs), "out_sample");
        assertThat(second.toArray()).containsExactly(first.toArray());
        FloatTensor larger = output(graph.run(ddpm(3, 6)), "out_sample").copy();
        assertThat(larger.shape()).isEqualTo(Shape.of(3, 3, 16, 16));
        assertThat(output(graph.run(inputs), "out_sample").toArray())
                .containsExactly(first.toArray());
        assertThat(output(graph.run(ddpm(3, 6)), "out_sample").toArray())
                .containsExactly(larger.toArray());
    }

    @Test
    void givesEveryOutputOfATextEncoder() {
        Graph graph = runtime.load("text", FIXTURES.resolve("models/sd/text_encoder/model.onnx"));
        LongTensor tokens = LongTensor.allocate(Shape.of(1, 77));
        Map<String, FloatTensor> outputs = graph.run(Map.of("input_ids", tokens));
        assertThat(outputs)
                .containsOnlyKeys(
                        "last_hidden_state",
                        "pooler_output",
                        "hidden_states.0",
                        "hidden_states.1",
                        "hidden_states.2");
        assertThat(output(outputs, "last_hidden_state").shape()).isEqualTo(Shape.of(1, 77, 32));
    }

    @Test
    void endsARunThatWasAskedToEndAndRunsAgainAfterwards() {
        Graph graph = runtime.load("ddpm/unet", FIXTURES.resolve("models/ddpm/unet/model.onnx"));
        graph.terminate();
        assertThatThrownBy(() -> graph.run(ddpm(1, 7)))
                .isInstanceOf(RunTerminatedException.class)
                .hasMessageContaining("ddpm/unet");
        assertThat(graph.run(ddpm(1, 7))).containsKey("out_sample");
    }

    @Test
    void namesMissingAndUnknownInputs() {
        Graph graph = runtime.load("ddpm/unet", FIXTURES.resolve("models/ddpm/unet/model.onnx"));
        assertThatThrownBy(() ->
                        graph.run(
                                Map.of(
                                        "sample",
                                        random(1, 1, 3, 16, 16),
                                        "class_labels",
                                        random(1, 1))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "ddpm/unet: missing inputs [timestep], unknown inputs [class_labels];"
                                + " the graph takes [sample, timestep]");
    }

    @Test
    void refusesAnotherRankOrSizeThanDeclared() {
        Graph graph = runtime.load("ddpm/unet", FIXTURES.resolve("models/ddpm/unet/model.onnx"));
        LongTensor timestep = LongTensor.of(Shape.of(1), 1);
        assertThatThrownBy(() ->
                        graph.run(Map.of("sample", random(1, 1, 4, 16, 16), "timestep", timestep)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("sample has shape [1, 4, 16, 16]")
                .hasMessageContaining("declares [-1, 3, -1, -1]");
        assertThatThrownBy(() ->
                        graph.run(
                                Map.of(
                                        "sample",
                                        random(1, 1, 3, 16, 16),
                                        "timestep",
                                        LongTensor.of(Shape.of(), 1))))
                .hasMessageContaining("timestep has shape []");
    }

    @Test
    void convertsToAndFromTheTypesThatAGraphDeclares(@TempDir Path folder) throws IOException {
        FloatTensor values = FloatTensor.of(Shape.of(4), 0, 1, -2.5f, 1024);
        Map<ElementType, float[]> expected =
                Map.of(
                        ElementType.FLOAT32, new float[] {0, 1, -2.5f, 1024},
                        ElementType.FLOAT16, new float[] {0, 1, -2.5f, 1024},
                        ElementType.INT64, new float[] {0, 1, -2, 1024},
                        ElementType.INT32, new float[] {0, 1, -2, 1024},
                        ElementType.BOOL, new float[] {0, 1, 1, 1});
        for (Map.Entry<ElementType, float[]> type : expected.entrySet()) {
            Path file = TinyOnnx.identity(folder, type.getKey().name());
            Graph graph = runtime.load(type.getKey().name(), file);
            assertThat(graph.signature().inputs().getFirst().type()).isEqualTo(type.getKey());
            for (int run = 0; run < 2; run++) {
                assertThat(output(graph.run(Map.of("x", values)), "y").toArray())
                        .as("%s, run %s", type.getKey(), run)
                        .containsExactly(type.getValue());
            }
            LongTensor integers = LongTensor.of(Shape.of(2), 3, 0);
            assertThat(output(graph.run(Map.of("x", integers)), "y").get(0))
                    .isEqualTo(type.getKey() == ElementType.BOOL ? 1 : 3);
        }
    }

    @Test
    void refusesNumbersThatTheDeclaredIntegersCannotHold(@TempDir Path folder) throws IOException {
        Graph graph = runtime.load("ids", TinyOnnx.identity(folder, "INT32"));
        assertThatThrownBy(() -> graph.run(Map.of("x", LongTensor.of(Shape.of(1), 1L << 40))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("x is of 32-bit integers, got 1099511627776");
        assertThatThrownBy(() -> graph.run(Map.of("x", FloatTensor.of(Shape.of(1), Float.NaN))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("got NaN");
    }

    @Test
    void refusesElementTypesThatItCannotGive(@TempDir Path folder) throws IOException {
        Path file = TinyOnnx.identity(folder, "BFLOAT16");
        assertThatThrownBy(() -> runtime.load("flux/transformer", file))
                .isInstanceOf(UnusableGraphException.class)
                .hasMessageContaining("flux/transformer: input x is of type BFLOAT16; legal:");
    }

    @Test
    void readsWeightsFromAFileBesideTheGraph(@TempDir Path folder) throws IOException {
        Path file = TinyOnnx.addExternal(folder, 5, -7);
        Graph graph = runtime.load("external", file);
        assertThat(output(graph.run(Map.of("x", FloatTensor.of(Shape.of(2), 1, 1))), "y").toArray())
                .containsExactly(6, -6);
    }

    @Test
    void tellsWhatTheProcessTakesWhereTheSystemDoes(@TempDir Path folder) throws IOException {
        Path status = folder.resolve("status");
        Files.writeString(status, "Name:\tjava\nVmPeak:\t  900 kB\nVmRSS:\t  123 kB\n");
        assertThat(OnnxRuntime.residentSet(status)).hasValue(123 * 1024);
        assertThat(OnnxRuntime.residentSet(folder.resolve("none"))).isEmpty();
    }

    @Test
    void saysWhichFileIsMissingOrDamaged(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> runtime.load("sd/unet", folder.resolve("model.onnx")))
                .isInstanceOf(UnusableGraphException.class)
                .hasMessageContaining("sd/unet: there is no readable file")
                .hasMessageContaining("model.onnx");
        Path damaged = Files.write(folder.resolve("damaged.onnx"), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> runtime.load("sd/unet", damaged))
                .isInstanceOf(UnusableGraphException.class)
                .hasMessageContaining("cannot load")
                .hasMessageContaining("damaged.onnx");
    }

    @Test
    void fallsBackToTheProcessorUnlessADeviceIsDemanded() {
        try (OnnxRuntime automatic =
                OnnxRuntime.open(new DeviceOptions(DeviceChoice.parse("cuda:99"), 1, 0))) {
            assertThat(automatic.deviceName()).isEqualTo("cpu");
        }
        DeviceOptions demanding = new DeviceOptions(DeviceChoice.parse("cuda:99").demanded(), 1, 0);
        assertThatThrownBy(() -> OnnxRuntime.open(demanding))
                .isInstanceOf(DeviceUnavailableException.class)
                .hasMessageContaining("demands CUDA device 99")
                .hasMessageContaining("-Pgpu");
    }

    @Test
    void closesTwiceAndIgnoresALateTermination() {
        Graph graph = runtime.load("ddpm/unet", FIXTURES.resolve("models/ddpm/unet/model.onnx"));
        graph.close();
        graph.close();
        graph.terminate();
        assertThat(graph.name()).isEqualTo("ddpm/unet");
    }

    private static Map<String, Tensor> ddpm(int rows, long seed) {
        LongTensor timesteps = LongTensor.allocate(Shape.of(rows));
        for (int row = 0; row < rows; row++) {
            timesteps.set(row, 10 + 100L * row);
        }
        return Map.of("sample", random(seed, rows, 3, 16, 16), "timestep", timesteps);
    }

    private static FloatTensor output(Map<String, FloatTensor> outputs, String name) {
        return Objects.requireNonNull(outputs.get(name), name);
    }

    private static FloatTensor random(long seed, int... sizes) {
        Random random = new Random(seed);
        FloatTensor tensor = FloatTensor.allocate(Shape.of(sizes));
        for (int i = 0; i < tensor.shape().elements(); i++) {
            tensor.set(i, (float) random.nextGaussian());
        }
        return tensor;
    }

    /// Within 1e-5 of the largest value: sums of another batch size are added in another order.
    private static void assertClose(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        double greatest = 0;
        double error = 0;
        for (int i = 0; i < expected.length; i++) {
            greatest = Math.max(greatest, Math.abs(expected[i]));
            error = Math.max(error, Math.abs(expected[i] - (double) actual[i]));
        }
        assertThat(greatest).isPositive();
        assertThat(error / greatest).isLessThan(1e-5);
    }

    private static String property(String name) {
        return Objects.requireNonNull(System.getProperty(name), name);
    }
}
