package dev.darkroom.ops.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.ops.local.LocalKafka;
import dev.darkroom.ops.topics.Layout;
import dev.darkroom.ops.topics.TopicAdmin;
import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.codec.WorkerStatusCodec;
import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Cancelled;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.event.WorkerStatus;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.config.KafkaAccess;
import dev.darkroom.worker.events.EventListener;
import dev.darkroom.worker.events.KafkaEventPublisher;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class KafkaEventPublisherIT {
    private static final Topics TOPICS = Topics.standard();
    private static final JobId JOB = new JobId("job");

    private final Counts counts = new Counts();
    private LocalKafka kafka;

    @BeforeEach
    void start() {
        kafka = LocalKafka.start(LocalKafka.Options.temporary());
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrap())) {
            admin.create(TOPICS, Layout.DEFAULT);
        }
    }

    @AfterEach
    void stop() {
        kafka.close();
    }

    @Test
    void publishedEventIsOnItsTopicUnderItsJobWhenTheCallReturns() throws Exception {
        Cancelled event = cancelled();
        try (KafkaEventPublisher publisher = publisher()) {
            publisher.publish(event);
            assertThat(counts.sent.availablePermits()).isEqualTo(1);
            assertThat(publisher.rate("record-send-rate")).isPositive();
        }
        ConsumerRecord<String, byte[]> record = read(TOPICS.events(), 1).getFirst();
        assertThat(record.key()).isEqualTo(JOB.value());
        assertThat(decode(record)).isEqualTo(event);
    }

    @Test
    void progressAndStatusGoToTheirTopics() throws Exception {
        WorkerStatus status =
                new WorkerStatus(
                        "worker-1",
                        Instant.parse("2026-01-02T03:04:05.678Z"),
                        "default",
                        "cpu",
                        List.of(new ModelId("emoji")),
                        4,
                        1,
                        WorkerStatus.State.READY);
        try (KafkaEventPublisher publisher = publisher()) {
            publisher.offer(progress());
            publisher.offer(status);
        }
        assertThat(counts.dropped.availablePermits()).isZero();
        assertThat(decode(read(TOPICS.progress(), 1).getFirst())).isEqualTo(progress());
        ConsumerRecord<String, byte[]> told = read(TOPICS.workers(), 1).getFirst();
        assertThat(told.key()).isEqualTo("worker-1");
        assertThat(WorkerStatusCodec.decode(Map.of(), told.value())).isEqualTo(status);
    }

    @Test
    void progressIsDroppedAndNeverWaitsWhileTheBrokerIsAway() throws Exception {
        try (KafkaEventPublisher publisher = publisher()) {
            offerUntilSent(publisher, 1);
            kafka.stop();
            int offers = 50_000;
            long before = System.nanoTime();
            for (int i = 0; i < offers; i++) {
                publisher.offer(progress());
            }
            // A producer that waited for its broker would wait a whole second for one event.
            assertThat(Duration.ofNanos(System.nanoTime() - before))
                    .isLessThan(Duration.ofSeconds(offers / 1000));
            assertThat(counts.dropped.tryAcquire(offers, 60, TimeUnit.SECONDS)).isTrue();
            kafka.start();
            counts.sent.drainPermits();
            offerUntilSent(publisher, 1);
        }
    }

    @Test
    void publishWaitsForABrokerThatIsAwayAndSendsTheEventOnce() throws Exception {
        try (KafkaEventPublisher publisher = publisher();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            publisher.publish(cancelled());
            kafka.stop();
            Future<?> waiting =
                    threads.submit(() -> {
                        publisher.publish(cancelled());
                        return true;
                    });
            assertThat(counts.sent.tryAcquire(2, 1, TimeUnit.SECONDS)).isFalse();
            kafka.start();
            waiting.get(60, TimeUnit.SECONDS);
        }
        assertThat(read(TOPICS.events(), 2)).hasSize(2);
    }

    @Test
    void interruptionEndsThePublishing() throws Exception {
        kafka.stop();
        try (KafkaEventPublisher publisher = publisher()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> publisher.publish(cancelled()))
                    .isInstanceOf(InterruptedException.class);
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    /// What is offered before the producer has found its broker again is dropped.
    private void offerUntilSent(KafkaEventPublisher publisher, int times) throws Exception {
        for (int attempt = 0; attempt < 600; attempt++) {
            publisher.offer(progress());
            if (counts.sent.tryAcquire(times, 100, TimeUnit.MILLISECONDS)) {
                return;
            }
        }
        throw new AssertionError("no progress event was sent within a minute");
    }

    private List<ConsumerRecord<String, byte[]>> read(String topic, int atLeast) {
        List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", kafka.bootstrap()),
                        new StringDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(p.topic(), p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            while (records.size() < atLeast) {
                consumer.poll(Duration.ofSeconds(1)).forEach(records::add);
            }
        }
        return records;
    }

    private static JobEvent decode(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        record.headers()
                .forEach(h -> headers.put(h.key(), new String(h.value(), StandardCharsets.UTF_8)));
        return EventCodec.decode(headers, record.value());
    }

    private KafkaEventPublisher publisher() {
        return KafkaEventPublisher.open(
                new KafkaAccess(Map.of("bootstrap.servers", kafka.bootstrap()), TOPICS, "worker-1"),
                counts);
    }

    private static Cancelled cancelled() {
        return new Cancelled(header(), "changed my mind", 3, 20);
    }

    private static Progress progress() {
        return new Progress(header(), null, Stage.DENOISE, 3, 20, 0.25, 1500L, null);
    }

    private static EventHeader header() {
        Instant time = Instant.parse("2026-01-02T03:04:05.678Z");
        return new EventHeader(
                JOB, 1, 0, new RunId("r1"), 7, "worker-1", time, Map.of("user", "ann"), null);
    }

    /// Counts events.
    private static final class Counts implements EventListener {
        private final Semaphore sent = new Semaphore(0);
        private final Semaphore dropped = new Semaphore(0);

        @Override
        public void sent(JobEvent event) {
            sent.release();
        }

        @Override
        public void repeated(JobEvent event) {}

        @Override
        public void dropped() {
            dropped.release();
        }
    }
}
