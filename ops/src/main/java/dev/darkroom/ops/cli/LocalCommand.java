package dev.darkroom.ops.cli;

import dev.darkroom.ops.local.LocalKafka;
import dev.darkroom.ops.local.LocalS3;
import dev.darkroom.ops.topics.Layout;
import dev.darkroom.ops.topics.TopicAdmin;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// A Kafka broker and an S3 endpoint on this machine until Ctrl-C, with their data in a folder.
@Command(
        name = "local",
        description =
                "Runs a Kafka broker and an S3 endpoint on this machine until Ctrl-C, creates the"
                        + " topics and the bucket, and keeps the data in a folder. At its default"
                        + " ports, the other commands find both without being told.")
final class LocalCommand implements Callable<Integer> {
    private final Session session;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Where the data is kept. Default: ${DEFAULT-VALUE}")
    private Path data = Path.of("darkroom-data");

    @Option(
            names = "--kafka-port",
            paramLabel = "PORT",
            converter = PortConverter.class,
            description = "Kafka's port; 0: a free one. Default: ${DEFAULT-VALUE}")
    private int kafkaPort = KafkaOptions.LOCAL_PORT;

    @Option(
            names = "--s3-port",
            paramLabel = "PORT",
            converter = PortConverter.class,
            description = "The S3 endpoint's port; 0: a free one. Default: ${DEFAULT-VALUE}")
    private int s3Port = StoreOptions.LOCAL_PORT;

    @Mixin private final LaneOptions lane = new LaneOptions();

    @Mixin private final BucketOption bucket = new BucketOption();

    LocalCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        Path log = data.resolve("local.log");
        WritableFolder.create("--data", data);
        session.logTo(log);
        session.console().out().println("Starting Kafka and S3 …");
        Closing closing = session.closing();
        LocalS3 s3 = closing.add(LocalS3.start(data.resolve("s3"), s3Port));
        s3.createBucket(bucket.name());
        LocalKafka kafka =
                closing.add(
                        LocalKafka.start(
                                LocalKafka.Options.in(data.resolve("kafka")).port(kafkaPort)));
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrap())) {
            admin.create(lane.topics(), Layout.DEFAULT.replication(1));
        }
        announce(kafka, s3, log);
        new CountDownLatch(1).await();
        return Exit.DONE.code();
    }

    private void announce(LocalKafka kafka, LocalS3 s3, Path log) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("DARKROOM_KAFKA_BOOTSTRAP", kafka.bootstrap());
        environment.put("DARKROOM_S3_ENDPOINT", s3.endpoint().toString());
        environment.put("DARKROOM_S3_BUCKET", bucket.name());
        environment.put("DARKROOM_S3_ACCESS_KEY", s3.accessKey());
        environment.put("DARKROOM_S3_SECRET_KEY", s3.secretKey());
        PrintStream out = session.console().out();
        out.println(
                "Kafka and S3 are up. Their data is in " + data + ", their log is " + log + ".");
        out.println("What other programs need to reach them:");
        environment.forEach((name, value) -> out.println("  export " + name + "=" + value));
        out.println("A worker beside them: darkroom worker. Ctrl-C stops them.");
    }

    /// Reads port numbers.
    static final class PortConverter implements ITypeConverter<Integer> {
        private static final int HIGHEST = 65_535;

        @Override
        public Integer convert(String value) {
            if (!value.matches("[0-9]{1,5}") || Integer.parseInt(value) > HIGHEST) {
                throw new TypeConversionException(
                        "'" + value + "' is no port; legal: 0 to " + HIGHEST);
            }
            return Integer.parseInt(value);
        }
    }
}
