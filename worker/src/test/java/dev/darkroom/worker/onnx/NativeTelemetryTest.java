package dev.darkroom.worker.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class NativeTelemetryTest {
    private static final int LONGER_THAN_THE_STACK_BEARS = 10_000;

    @Test
    @Timeout(value = 2, unit = TimeUnit.MINUTES)
    void processOfALongCommandLineOpensTheRuntime() throws Exception {
        ProcessBuilder child =
                new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        Opening.class.getName(),
                        "x".repeat(LONGER_THAN_THE_STACK_BEARS));
        child.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        child.environment().remove("ORT_DISABLE_TELEMETRY");
        Process process = child.redirectErrorStream(true).start();

        assertThat(process.inputReader().lines()).containsExactly("cpu");
        assertThat(process.waitFor()).isZero();
    }

    /// Opens the runtime and says on which device.
    static final class Opening {
        private Opening() {}

        static void main(String[] arguments) {
            DeviceOptions options = new DeviceOptions(new DeviceChoice.Cpu(), 1, 0);
            try (OnnxRuntime runtime = OnnxRuntime.open(options)) {
                System.out.println(runtime.deviceName());
            }
        }
    }
}
