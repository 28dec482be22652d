package dev.darkroom.ops.intake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.ops.local.LocalKafka;
import dev.darkroom.ops.topics.Layout;
import dev.darkroom.ops.topics.TopicAdmin;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.config.KafkaAccess;
import dev.darkroom.worker.intake.Lease;
import dev.darkroom.worker.intake.LockLostException;
import dev.darkroom.worker.intake.Queue;
import dev.darkroom.worker.intake.ShareJobSource;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class ShareJobSourceIT {
    private static final Layout ONE_SECOND_LOCKS = Layout.DEFAULT.lock(Duration.ofSeconds(1));

    @AutoClose private static LocalKafka kafka;

    @BeforeAll
    static void start() {
        kafka = LocalKafka.start(LocalKafka.Options.temporary());
    }

    @Test
    void keepsARecordWellBeyondItsLockByRenewing() throws Exception {
        Topics topics = lane("renews");
        submit(topics, "long", 1);
        Recorder recorder = new Recorder();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ShareJobSource holder =
                        ShareJobSource.open(settings(topics), Queue.JOBS, 0, recorder);
                ShareJobSource waiter =
                        ShareJobSource.open(settings(topics), Queue.JOBS, 1, new Recorder())) {
            Lease lease = holder.take().orElseThrow();
            Future<Optional<Lease>> second = threads.submit(waiter::take);
            // Twelve renewals at a third of the lock: four locks' time.
            assertThat(Recorder.happened(recorder.renewed, 12)).isTrue();
            assertThat(second.isDone()).isFalse();
            assertThat(lease.lost()).isFalse();
            assertThat(lease.key()).isEqualTo("long-0");
            assertThat(new String(lease.value(), StandardCharsets.UTF_8)).isEqualTo("value 0");
            assertThat(lease.deliveryCount()).isEqualTo(1);
            lease.accept();
            assertThat(recorder.accepted.availablePermits()).isEqualTo(1);
            submit(topics, "next", 1);
            Lease next = second.get(30, TimeUnit.SECONDS).orElseThrow();
            assertThat(next.key()).isEqualTo("next-0");
            next.accept();
        }
    }

    @Test
    void recordOfASlotThatLeavesIsDeliveredToAnotherASecondTime() throws Exception {
        Topics topics = lane("leaves");
        submit(topics, "job", 1);
        Lease first;
        Recorder recorder = new Recorder();
        try (ShareJobSource source =
                ShareJobSource.open(settings(topics), Queue.JOBS, 0, recorder)) {
            first = source.take().orElseThrow();
        }
        assertThat(first.lost()).isTrue();
        assertThat(recorder.lost.availablePermits()).as("given back, not lost").isZero();
        assertThatThrownBy(first::accept).isInstanceOf(LockLostException.class);
        try (ShareJobSource source =
                ShareJobSource.open(settings(topics), Queue.JOBS, 1, new Recorder())) {
            Lease second = source.take().orElseThrow();
            assertThat(second.origin()).isEqualTo(first.origin());
            assertThat(second.deliveryCount()).isEqualTo(2);
            second.accept();
        }
    }

    @Test
    void releasedRecordIsDeliveredAgain() throws Exception {
        Topics topics = lane("releases");
        submit(topics, "job", 1);
        try (ShareJobSource source =
                ShareJobSource.open(settings(topics), Queue.JOBS, 0, new Recorder())) {
            source.take().orElseThrow().release();
            Lease again = source.take().orElseThrow();
            assertThat(again.deliveryCount()).isEqualTo(2);
            again.accept();
        }
    }

    @Test
    void recordDeliveredTooOftenIsMovedToTheDeadLetterTopicWithItsKeyAndValue() throws Exception {
        Topics topics = lane("poison");
        submit(topics, "job", 1);
        try (ShareJobSource source =
                        ShareJobSource.open(settings(topics), Queue.JOBS, 0, new Recorder());
                KafkaConsumer<String, byte[]> reader =
                        new KafkaConsumer<>(
                                Map.of("bootstrap.servers", kafka.bootstrap()),
                                new StringDeserializer(),
                                new ByteArrayDeserializer())) {
            for (int delivery = 1; delivery <= 10; delivery++) {
                Lease lease = source.take().orElseThrow();
                assertThat(lease.deliveryCount()).isEqualTo(delivery);
                lease.release();
            }
            TopicPartition deadLetters = new TopicPartition("dlq." + topics.jobs(), 0);
            reader.assign(List.of(deadLetters));
            reader.seekToBeginning(List.of(deadLetters));
            List<ConsumerRecord<String, byte[]>> found = new ArrayList<>();
            while (found.isEmpty()) {
                reader.poll(Duration.ofSeconds(1)).forEach(found::add);
            }
            assertThat(found.getFirst().key()).isEqualTo("job-0");
            assertThat(new String(found.getFirst().value(), StandardCharsets.UTF_8))
                    .isEqualTo("value 0");
        }
    }

    @Test
    void twoSlotsNeverHoldTheSameRecord() throws Exception {
        Topics topics = lane("shares");
        int jobs = 40;
        submit(topics, "job", jobs);
        java.util.Queue<String> keys = new ConcurrentLinkedQueue<>();
        CountDownLatch all = new CountDownLatch(jobs);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ShareJobSource left =
                        ShareJobSource.open(settings(topics), Queue.JOBS, 0, new Recorder());
                ShareJobSource right =
                        ShareJobSource.open(settings(topics), Queue.JOBS, 1, new Recorder())) {
            Future<Integer> leftShare = threads.submit(worker(left, keys, all));
            Future<Integer> rightShare = threads.submit(worker(right, keys, all));
            assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
            left.stop();
            right.stop();
            assertThat(leftShare.get() + rightShare.get()).isEqualTo(jobs);
            assertThat(keys).doesNotHaveDuplicates().hasSize(jobs);
        }
    }

    @Test
    void handedBackJobsAreTakenFromTheResumeTopic() throws Exception {
        Topics topics = lane("resumes");
        send(topics.resume(), "half-done", 1);
        try (ShareJobSource source =
                ShareJobSource.open(settings(topics), Queue.RESUME, 0, new Recorder())) {
            Lease lease = source.take().orElseThrow();
            assertThat(lease.origin().topic()).isEqualTo(topics.resume());
            lease.accept();
        }
    }

    @Test
    void stopEndsAWaitingTakeAndKeepsAHeldRecordRenewed() throws Exception {
        Topics topics = lane("stops");
        submit(topics, "job", 1);
        Recorder recorder = new Recorder();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                ShareJobSource holder =
                        ShareJobSource.open(settings(topics), Queue.JOBS, 0, recorder);
                ShareJobSource waiter =
                        ShareJobSource.open(settings(topics), Queue.JOBS, 1, new Recorder())) {
            Lease lease = holder.take().orElseThrow();
            Future<Optional<Lease>> waiting = threads.submit(waiter::take);
            waiter.stop();
            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEmpty();
            holder.stop();
            recorder.renewed.drainPermits();
            assertThat(Recorder.happened(recorder.renewed, 6)).isTrue();
            lease.accept();
            assertThat(holder.take()).isEmpty();
        }
    }

    @Test
    void lostLockIsNoticedAfterABrokerRestartAndTheRecordComesBack() throws Exception {
        try (LocalKafka broker = LocalKafka.start(LocalKafka.Options.temporary())) {
            Topics topics = lane(broker, "restarts");
            send(broker, topics.jobs(), "job", 1);
            Recorder recorder = new Recorder();
            try (ShareJobSource source =
                    ShareJobSource.open(settings(broker, topics), Queue.JOBS, 0, recorder)) {
                Lease lease = source.take().orElseThrow();
                CountDownLatch told = new CountDownLatch(1);
                lease.onLost(told::countDown);
                broker.stop();
                broker.start();
                assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
                assertThat(lease.lost()).isTrue();
                assertThat(recorder.lost.availablePermits()).isEqualTo(1);
                CountDownLatch toldAtOnce = new CountDownLatch(1);
                lease.onLost(toldAtOnce::countDown);
                assertThat(toldAtOnce.getCount()).isZero();
                assertThatThrownBy(lease::accept).isInstanceOf(LockLostException.class);
                Lease again = source.take().orElseThrow();
                assertThat(again.origin()).isEqualTo(lease.origin());
                again.accept();
            }
        }
    }

    @Test
    void slotThatStartsBeforeItsBrokerTakesJobsOnceItIsThere() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                LocalKafka broker = LocalKafka.start(LocalKafka.Options.temporary())) {
            Topics topics = lane(broker, "early");
            broker.stop();
            try (ShareJobSource source =
                    ShareJobSource.open(settings(broker, topics), Queue.JOBS, 0, new Recorder())) {
                Future<Optional<Lease>> waiting = threads.submit(source::take);
                broker.start();
                send(broker, topics.jobs(), "job", 1);
                waiting.get(60, TimeUnit.SECONDS).orElseThrow().accept();
            }
        }
    }

    private static Callable<Integer> worker(
            ShareJobSource source, java.util.Queue<String> keys, CountDownLatch all) {
        return () -> {
            int mine = 0;
            while (true) {
                Optional<Lease> lease = source.take();
                if (lease.isEmpty()) {
                    return mine;
                }
                keys.add(String.valueOf(lease.get().key()));
                lease.get().accept();
                mine++;
                all.countDown();
            }
        };
    }

    private static KafkaAccess settings(Topics topics) {
        return settings(kafka, topics);
    }

    private static KafkaAccess settings(LocalKafka broker, Topics topics) {
        return new KafkaAccess(Map.of("bootstrap.servers", broker.bootstrap()), topics, "worker");
    }

    private static Topics lane(String name) {
        return lane(kafka, name);
    }

    private static Topics lane(LocalKafka broker, String name) {
        Topics topics = new Topics("", name);
        try (TopicAdmin admin = TopicAdmin.connect(broker.bootstrap())) {
            admin.create(topics, ONE_SECOND_LOCKS);
        }
        return topics;
    }

    private static void submit(Topics topics, String name, int jobs) throws Exception {
        send(topics.jobs(), name, jobs);
    }

    private static void send(String topic, String name, int jobs) throws Exception {
        send(kafka, topic, name, jobs);
    }

    private static void send(LocalKafka broker, String topic, String name, int jobs)
            throws Exception {
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.bootstrap()),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            for (int i = 0; i < jobs; i++) {
                byte[] value = ("value " + i).getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(topic, name + "-" + i, value)).get();
            }
        }
    }
}
