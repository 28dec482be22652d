package dev.darkroom.ops.cli;

import dev.darkroom.ops.local.Folders;
import dev.darkroom.ops.local.LocalKafka;
import dev.darkroom.ops.local.LocalS3;
import dev.darkroom.ops.topics.Layout;
import dev.darkroom.ops.topics.TopicAdmin;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.Worker;
import dev.darkroom.worker.config.ConfigReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/// A broker, an object store and one worker in this process, on ports that were free, with data
/// that goes when they go.
///
/// @param bootstrap where the broker is
/// @param store where the objects are
record DemoFleet(String bootstrap, StoreClient.Store store) {
    /// Where objects are.
    static final String BUCKET = "darkroom";

    /// Starts all of them; they run until `closing` closes.
    ///
    /// @param models holds a folder per model
    static DemoFleet start(Closing closing, Path models) throws InterruptedException {
        Path data = temporary();
        closing.add(() -> Folders.delete(data));
        CompletableFuture<LocalS3> store =
                CompletableFuture.supplyAsync(() -> closing.add(LocalS3.start(data.resolve("s3"))));
        LocalKafka kafka = closing.add(LocalKafka.start(data.resolve("kafka")));
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrap())) {
            admin.create(Topics.standard(), Layout.DEFAULT.replication(1));
        }
        LocalS3 s3 = store.join();
        s3.createBucket(BUCKET);
        Map<String, String> settings = new HashMap<>();
        settings.put("kafka.bootstrap", kafka.bootstrap());
        settings.put("s3.endpoint", s3.endpoint().toString());
        settings.put("s3.bucket", BUCKET);
        settings.put("s3.accessKey", s3.accessKey());
        settings.put("s3.secretKey", s3.secretKey());
        settings.put("models.folder", models.toString());
        settings.put("worker.slots", "1");
        settings.put("worker.drain", "0s");
        settings.put("http.host", "127.0.0.1");
        settings.put("http.port", "0");
        closing.add(Worker.start(ConfigReader.of(settings)));
        return new DemoFleet(
                kafka.bootstrap(),
                new StoreClient.Store(
                        s3.endpoint(),
                        LocalS3.REGION,
                        new StoreClient.Keys(s3.accessKey(), s3.secretKey())));
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("darkroom-demo-");
        } catch (IOException e) {
            throw new CommandException(
                    Exit.ENVIRONMENT, "no temporary folder can be made: " + Reason.of(e), e);
        }
    }
}
