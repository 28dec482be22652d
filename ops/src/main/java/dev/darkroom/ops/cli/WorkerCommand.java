package dev.darkroom.ops.cli;

import dev.darkroom.ops.local.LocalS3;
import dev.darkroom.worker.Worker;
import dev.darkroom.worker.config.ConfigReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// A worker in the foreground, until Ctrl-C or SIGTERM drains it.
@Command(
        name = "worker",
        description =
                "Runs a worker until Ctrl-C or SIGTERM, which let jobs in hand end first. Without a"
                        + " configuration file it serves what 'darkroom local' starts, with the models"
                        + " of this project. Environment variables (DARKROOM_<SECTION>_<KEY>) win over"
                        + " either.",
        exitCodeList = {
            "0:drained and stopped",
            "1:an unexpected error",
            "2:the configuration cannot be used",
            "3:the broker, topics, bucket, device or a preloaded model is not as it should be",
            "4:the device is lost; a new process may do better",
            "130:interrupted, and drained",
            "143:terminated, and drained"
        })
final class WorkerCommand implements Callable<Integer> {
    private static final int DEVICE_LOST = 4;

    private final Session session;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            defaultValue = "${env:DARKROOM_CONFIG}",
            description = "The worker's configuration, a YAML file.")
    private @Nullable Path config;

    WorkerCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        ConfigReader.Loaded loaded =
                config == null
                        ? ConfigReader.load(localSettings())
                        : ConfigReader.load(Optional.of(config));
        // Not a field: the first logger decides how everything logs, and other commands differ.
        Logger log = LoggerFactory.getLogger(WorkerCommand.class);
        loaded.effective().forEach((key, value) -> log.info("{} = {}", key, value));
        Worker worker = session.closing().add(Worker.start(loaded.config()));
        return switch (worker.awaitEnd()) {
            case CLOSED -> Exit.DONE.code();
            case DEVICE_LOST -> DEVICE_LOST;
        };
    }

    /// What `darkroom local` serves at its default ports.
    private static Map<String, String> localSettings() {
        Map<String, String> settings = new HashMap<>();
        settings.put("kafka.bootstrap", "127.0.0.1:" + KafkaOptions.LOCAL_PORT);
        settings.put("s3.endpoint", "http://127.0.0.1:" + StoreOptions.LOCAL_PORT);
        settings.put("s3.accessKey", LocalS3.ACCESS_KEY);
        settings.put("s3.secretKey", LocalS3.SECRET_KEY);
        settings.put("models.folder", System.getProperty("darkroom.models", "models"));
        settings.put("http.host", "127.0.0.1");
        settings.put("http.port", "0");
        return settings;
    }
}
