package dev.darkroom.ops;

import dev.darkroom.ops.local.LocalKafka;
import dev.darkroom.ops.local.LocalS3;
import dev.darkroom.ops.topics.Layout;
import dev.darkroom.ops.topics.TopicAdmin;
import dev.darkroom.protocol.client.ClientOptions;
import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.codec.ManifestCodec;
import dev.darkroom.protocol.event.Artifact.StoredObject;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobEnvelope;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.Worker;
import dev.darkroom.worker.config.ConfigReader;
import dev.darkroom.worker.device.LaneObserver;
import dev.darkroom.worker.intake.Queue;
import dev.darkroom.worker.storage.S3ObjectStore;
import dev.darkroom.worker.storage.S3Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// A broker and an object store in this process, and workers on them; each lane is a world of its
/// own.
final class Fleet implements AutoCloseable {
    static final String BUCKET = "darkroom";

    final LocalKafka kafka;
    final LocalS3 s3;
    private final Path folder;

    /// Starts both.
    ///
    /// @param folder where objects are kept
    Fleet(Path folder) {
        this.folder = folder;
        kafka = LocalKafka.start(LocalKafka.Options.temporary());
        s3 = LocalS3.start(folder);
        s3.createBucket(BUCKET);
    }

    /// Creates the topics of a lane.
    Topics lane(String name) {
        Topics topics = new Topics(name + ".", name);
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrap())) {
            var _ = admin.create(topics, Layout.DEFAULT.lock(Duration.ofSeconds(5)));
        }
        return topics;
    }

    /// The settings of a worker of a lane, its models those that the project ships.
    Map<String, String> settings(Topics topics) {
        Map<String, String> settings = new HashMap<>();
        settings.put("kafka.bootstrap", kafka.bootstrap());
        settings.put("topics.prefix", topics.prefix());
        settings.put("topics.lane", topics.lane());
        settings.put("s3.bucket", BUCKET);
        settings.put("s3.endpoint", s3.endpoint().toString());
        settings.put("s3.accessKey", s3.accessKey());
        settings.put("s3.secretKey", s3.secretKey());
        settings.put("models.folder", Objects.requireNonNull(System.getProperty("models")));
        settings.put("models.preload", "emoji");
        settings.put("device.use", "cpu");
        settings.put("http.host", "127.0.0.1");
        settings.put("http.port", "0");
        settings.put("progress.least", "0ms");
        return settings;
    }

    /// Starts a worker of a lane.
    Worker worker(Topics topics, Map<String, String> more, LaneObserver runs) throws Exception {
        Map<String, String> settings = settings(topics);
        settings.putAll(more);
        return Worker.start(ConfigReader.of(settings), runs);
    }

    /// Connects as a backend does.
    DarkroomClient client(Topics topics) {
        return DarkroomClient.connect(ClientOptions.of(kafka.bootstrap()).withTopics(topics));
    }

    /// Starts a worker of a lane in a process of its own.
    Child process(Topics topics, Map<String, String> more) throws IOException {
        Map<String, String> settings = settings(topics);
        settings.putAll(more);
        Map<String, List<String>> sections = new TreeMap<>();
        settings.forEach((dotted, value) -> {
            int dot = dotted.indexOf('.');
            sections.computeIfAbsent(dotted.substring(0, dot), _ -> new ArrayList<>())
                    .add("  " + dotted.substring(dot + 1) + ": \"" + value + "\"\n");
        });
        StringBuilder yaml = new StringBuilder();
        sections.forEach((section, lines) ->
                yaml.append(section).append(":\n").append(String.join("", lines)));
        Path file = Files.createTempFile(folder, "worker-", ".yaml");
        Files.writeString(file, yaml);
        return Child.worker(file);
    }

    /// Puts bytes on the lane's topic, whatever they are.
    void put(Topics topics, String key, byte[] value) throws Exception {
        put(topics, List.of(Map.entry(key, value)));
    }

    /// Puts jobs on the lane's topic without following them.
    void put(Topics topics, Job... jobs) throws Exception {
        put(
                topics,
                Stream.of(jobs)
                        .map(job ->
                                Map.entry(job.id().value(), JobCodec.encode(JobEnvelope.of(job))))
                        .toList());
    }

    private void put(Topics topics, List<Map.Entry<String, byte[]>> records) throws Exception {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrap()),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            for (Map.Entry<String, byte[]> record : records) {
                producer.send(
                                new ProducerRecord<>(
                                        topics.jobs(), record.getKey(), record.getValue()))
                        .get();
            }
        }
    }

    /// Reads the lane's lifecycle events from their beginning until `enough` of them are there.
    List<ConsumerRecord<String, byte[]>> events(Topics topics, Enough enough) {
        return read(topics.events(), Duration.ofMinutes(1), enough);
    }

    /// Reads a topic from its beginning until `enough` is there.
    List<ConsumerRecord<String, byte[]>> read(String topic, Duration patience, Enough enough) {
        List<ConsumerRecord<String, byte[]>> read = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = reader(topic)) {
            long deadline = System.nanoTime() + patience.toNanos();
            while (!enough.are(read)) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError(
                            "not enough in " + topic + " within " + patience + ": " + read);
                }
                consumer.poll(Duration.ofMillis(200)).forEach(read::add);
            }
        }
        return read;
    }

    /// Reads all that a topic holds now.
    List<ConsumerRecord<String, byte[]>> all(String topic) {
        List<ConsumerRecord<String, byte[]>> read = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer = reader(topic)) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(read::add);
            }
        }
        return read;
    }

    private KafkaConsumer<String, byte[]> reader(String topic) {
        KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", kafka.bootstrap()),
                        new StringDeserializer(),
                        new ByteArrayDeserializer());
        List<TopicPartition> partitions =
                consumer.partitionsFor(topic).stream()
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    /// How many records of the lane's topic are not done with: the share group's lag.
    long unsettled(Topics topics) throws Exception {
        String group = Queue.JOBS.group(topics);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrap()))) {
            return admin
                    .listShareGroupOffsets(Map.of(group, new ListShareGroupOffsetsSpec()))
                    .partitionsToOffsetInfo(group)
                    .get()
                    .values()
                    .stream()
                    .mapToLong(partition -> partition.lag().orElseThrow())
                    .sum();
        }
    }

    /// Whether these are all that are waited for.
    interface Enough {
        boolean are(List<ConsumerRecord<String, byte[]>> events);
    }

    static Map<String, String> headers(ConsumerRecord<String, byte[]> event) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : event.headers()) {
            headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
        }
        return headers;
    }

    static JobEvent decoded(ConsumerRecord<String, byte[]> event) {
        return EventCodec.decode(headers(event), event.value());
    }

    static boolean isTerminal(ConsumerRecord<String, byte[]> event) {
        return decoded(event) instanceof JobEvent.Terminal;
    }

    byte[] object(StoredObject object) {
        String key = object.uri().substring(("s3://" + BUCKET + "/").length());
        try (S3ObjectStore store = store()) {
            return store.get(key).orElseThrow();
        }
    }

    Manifest manifest(JobId job) {
        try (S3ObjectStore store = store()) {
            return ManifestCodec.decode(store.get(job + "/manifest.json").orElseThrow());
        }
    }

    /// The bucket, to be closed by whoever asks for it.
    S3ObjectStore store() {
        return S3ObjectStore.open(
                new S3Settings(
                        BUCKET,
                        new S3Settings.Place(
                                s3.endpoint(), LocalS3.REGION, S3Settings.Addressing.PATH),
                        new S3Settings.Credentials(s3.accessKey(), s3.secretKey()),
                        S3Settings.Checksums.WHEN_REQUIRED,
                        S3Settings.Timeouts.DEFAULT));
    }

    @Override
    public void close() {
        s3.close();
        kafka.close();
    }
}
