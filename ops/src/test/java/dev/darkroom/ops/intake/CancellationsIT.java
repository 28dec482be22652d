package dev.darkroom.ops.intake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.ops.local.LocalKafka;
import dev.darkroom.ops.topics.Layout;
import dev.darkroom.ops.topics.TopicAdmin;
import dev.darkroom.protocol.codec.CommandCodec;
import dev.darkroom.protocol.event.Command.Cancel;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.config.KafkaAccess;
import dev.darkroom.worker.intake.Cancellations;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class CancellationsIT {
    private static final Topics TOPICS = Topics.standard();
    private static final Duration RETENTION = Duration.ofDays(7);
    private static final Duration SOON = Duration.ofSeconds(30);

    private LocalKafka kafka;
    private KafkaProducer<String, byte[]> producer;

    @BeforeEach
    void start() {
        kafka = LocalKafka.start(LocalKafka.Options.temporary());
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrap())) {
            admin.create(TOPICS, Layout.DEFAULT);
        }
        producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", kafka.bootstrap()),
                        new StringSerializer(),
                        new ByteArraySerializer());
    }

    @AfterEach
    void stop() {
        producer.close();
        kafka.close();
    }

    @Test
    void commandsSentBeforeTheStartHoldAndMalformedOnesAreSkipped() throws Exception {
        JobId early = new JobId("early");
        send(early, "before its job");
        produce("broken", "no command".getBytes(StandardCharsets.UTF_8));
        JobId withdrawn = new JobId("withdrawn");
        send(withdrawn, "will be deleted");
        produce(withdrawn.value(), null);
        try (Cancellations cancellations = Cancellations.open(settings(), RETENTION)) {
            assertThat(cancellations.awaitCaughtUp(SOON)).isTrue();
            assertThat(cancellations.cancelled(early))
                    .contains(new Cancel(early, "before its job"));
            assertThat(cancellations.cancelled(withdrawn)).isEmpty();
            assertThat(cancellations.cancelled(new JobId("broken"))).isEmpty();
            assertThat(cancellations.malformed()).isEqualTo(1);
        }
    }

    @Test
    void watcherHearsACommandThatComesLaterAlsoAfterABrokerRestart() throws Exception {
        BlockingQueue<Cancel> heard = new LinkedBlockingQueue<>();
        JobId first = new JobId("first");
        JobId second = new JobId("second");
        try (Cancellations cancellations = Cancellations.open(settings(), RETENTION)) {
            assertThat(cancellations.awaitCaughtUp(SOON)).isTrue();
            try (Cancellations.Watch firstWatch = cancellations.onCancel(first, heard::add);
                    Cancellations.Watch secondWatch = cancellations.onCancel(second, heard::add)) {
                assertThat(firstWatch).isNotSameAs(secondWatch);
                send(first, "one");
                assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(new Cancel(first, "one"));
                kafka.stop();
                kafka.start();
                send(second, "two");
                assertThat(heard.poll(30, TimeUnit.SECONDS)).isEqualTo(new Cancel(second, "two"));
            }
        }
    }

    @Test
    void doesNotClaimToHaveCaughtUpWhileTheBrokerIsAway() throws Exception {
        kafka.stop();
        try (Cancellations cancellations = Cancellations.open(settings(), RETENTION)) {
            assertThat(cancellations.awaitCaughtUp(Duration.ofMillis(500))).isFalse();
            kafka.start();
            assertThat(cancellations.awaitCaughtUp(SOON)).isTrue();
        }
    }

    private void send(JobId job, String reason) throws Exception {
        produce(job.value(), CommandCodec.encode(new Cancel(job, reason)).value());
    }

    @SuppressWarnings("NullAway") // A deleted command is a record without a value.
    private void produce(String key, byte @org.jspecify.annotations.Nullable [] value)
            throws Exception {
        producer.send(new ProducerRecord<>(TOPICS.commands(), key, value)).get();
    }

    private KafkaAccess settings() {
        return new KafkaAccess(Map.of("bootstrap.servers", kafka.bootstrap()), TOPICS, "worker");
    }
}
