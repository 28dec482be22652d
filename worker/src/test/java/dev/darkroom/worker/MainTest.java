package dev.darkroom.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A worker as its process, where it cannot start.
@Timeout(120)
class MainTest {
    @TempDir private Path folder;

    private record Ended(int status, String output) {}

    @Test
    void endsWithTwoAndEveryProblemOfTheConfiguration() throws Exception {
        Ended ended =
                run(
                        """
                        worker:
                          slotz: 3
                        http:
                          port: 99999
                        device:
                          use: tpu
                        """);

        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.output())
                .contains("worker.slotz", "worker.slots", "99999", "http.port", "tpu")
                .doesNotContain("\tat ");
    }

    @Test
    void endsWithThreeAndOneMessageWhenNothingAnswers() throws Exception {
        int closed = closedPort();
        Ended ended =
                run(
                        """
                        kafka:
                          bootstrap: 127.0.0.1:%d
                        s3:
                          endpoint: http://127.0.0.1:%d
                          accessKey: a
                          secretKey: hidden-secret
                        models:
                          folder: %s
                        http:
                          port: 0
                        """
                                .formatted(closed, closed, folder.resolve("no-models")));

        assertThat(ended.status()).isEqualTo(3);
        assertThat(ended.output())
                .contains("the worker cannot start:")
                .containsOnlyOnce("No Kafka broker answers at 127.0.0.1:" + closed)
                .containsOnlyOnce("which is no folder")
                .doesNotContain("\tat ")
                .doesNotContain("hidden-secret");
    }

    private Ended run(String configuration) throws IOException, InterruptedException {
        Path config = Files.writeString(folder.resolve("worker.yaml"), configuration);
        Path output = folder.resolve("output");
        ProcessBuilder java =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Main.class.getName(),
                                "--config",
                                config.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        java.environment().keySet().removeIf(name -> name.startsWith("DARKROOM_"));
        Process process = java.start();
        try {
            assertThat(process.waitFor(90, TimeUnit.SECONDS)).as("ends by itself").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return new Ended(process.exitValue(), Files.readString(output));
    }

    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
