package dev.darkroom.worker.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class NativeEnvironmentTest {
    @TempDir Path folder;

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void staysOpenWhileAProcessThatIsToldToEndDrains() throws Exception {
        Path model = TinyOnnx.identity(folder, "FLOAT32");
        ProcessBuilder child =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        Draining.class.getName(),
                        model.toString());
        child.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        Process process = child.redirectErrorStream(true).start();

        assertThat(process.inputReader().lines()).containsExactly("drained");
        assertThat(process.waitFor()).isZero();
    }

    /// Goes on loading a graph while it is shut down, for longer than other hooks take.
    static final class Draining {
        private static final int LOADS = 1_000;

        private Draining() {}

        static void main(String[] arguments) {
            Path model = Path.of(arguments[0]);
            DeviceOptions options = new DeviceOptions(new DeviceChoice.Cpu(), 1, 0);
            OnnxRuntime runtime = OnnxRuntime.open(options);
            Runtime.getRuntime()
                    .addShutdownHook(
                            new Thread(() -> {
                                for (int i = 0; i < LOADS; i++) {
                                    runtime.load("tiny", model).close();
                                }
                                System.out.println("drained");
                            }));
        }
    }
}
