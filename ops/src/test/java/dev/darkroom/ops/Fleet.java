package dev.darkroom.ops;

import dev.darkroom.ops.local.LocalKafka;
import dev.darkroom.ops.local.LocalS3;
import dev.darkroom.ops.topics.Layout;
import dev.darkroom.ops.topics.TopicAdmin;
import dev.darkroom.protocol.client.ClientOptions;
import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.codec.ManifestCodec;
import dev.darkroom.protocol.event.Artifact.StoredObject;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.Worker;
import dev.darkroom.worker.config.ConfigReader;
import dev.darkroom.worker.device.LaneObserver;
import dev.darkroom.worker.storage.S3ObjectStore;
import dev.darkroom.worker.storage.S3Settings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /// Starts both.
    ///
    /// @param folder where objects are kept
    Fleet(Path folder) {
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

    /// Puts bytes on the lane's topic, whatever they are.
    void put(Topics topics, String key, byte[] value) throws Exception {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrap()),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(topics.jobs(), key, value)).get();
        }
    }

    /// Reads the lane's lifecycle events from their beginning until `enough` of them are there.
    List<ConsumerRecord<String, byte[]>> events(Topics topics, Enough enough) {
        List<ConsumerRecord<String, byte[]>> read = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", kafka.bootstrap()),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topics.events()).stream()
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (!enough.are(read)) {
                if (System.nanoTime() > deadline) {
                    throw new AssertionError("not enough events in a minute: " + read);
                }
                consumer.poll(Duration.ofMillis(200)).forEach(read::add);
            }
        }
        return read;
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

    private S3ObjectStore store() {
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
