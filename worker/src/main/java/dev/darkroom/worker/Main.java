package dev.darkroom.worker;

import dev.darkroom.worker.config.ConfigException;
import dev.darkroom.worker.config.ConfigReader;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker as a process: `java -jar … [--config FILE]`.
///
/// | exit code | meaning |
/// |---|---|
/// | 0, or 143 after SIGTERM | drained and stopped as told |
/// | 2 | the configuration cannot be used; every problem was logged |
/// | 3 | the surroundings are not fit: broker, topics, bucket, device or a preloaded model |
/// | 4 | the device is lost: a new process may do better |
/// | 1 | anything else |
public final class Main {
    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private Main() {}

    /// Runs a worker until it is told to stop or its device is lost.
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) {
        try {
            ConfigReader.Loaded loaded = ConfigReader.load(ConfigReader.locate(arguments));
            loaded.effective().forEach((key, value) -> LOG.info("{} = {}", key, value));
            Worker worker = Worker.start(loaded.config());
            Runtime.getRuntime()
                    .addShutdownHook(Thread.ofPlatform().name("drain").unstarted(worker::close));
            Worker.End end = worker.awaitEnd();
            worker.close();
            return switch (end) {
                case CLOSED -> 0;
                case DEVICE_LOST -> 4;
            };
        } catch (ConfigException e) {
            LOG.error("{}", e.getMessage());
            return 2;
        } catch (StartException e) {
            LOG.error("{}", e.getMessage());
            return 3;
        } catch (InterruptedException | RuntimeException | Error e) {
            LOG.error("The worker ends on an error", e);
            return 1;
        }
    }
}
