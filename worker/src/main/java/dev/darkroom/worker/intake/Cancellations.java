package dev.darkroom.worker.intake;

import dev.darkroom.protocol.codec.CommandCodec;
import dev.darkroom.protocol.codec.MalformedMessageException;
import dev.darkroom.protocol.event.Command;
import dev.darkroom.protocol.event.Command.Cancel;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.config.KafkaAccess;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The fleet's cancel commands, read by every worker from the beginning of their topic, without a
/// group: a command that was sent before its job holds too.
///
/// A thread of its own reads; every method is safe for any thread.
public final class Cancellations implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cancellations.class);

    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /// How long a question to the broker may take, and so how long a close may.
    private static final int ANSWER_MILLIS = 5_000;

    /// How often old commands are forgotten and new partitions looked for.
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(30);

    private final KafkaAccess settings;
    private final CancelBook book;
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final ThreadEnd ended = new ThreadEnd();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicLong malformed = new AtomicLong();

    // Owned by the reading thread.
    private final Map<TopicPartition, Long> startingEnds = new HashMap<>();
    private boolean troubled;
    private long nextHousekeepingNanos;

    private Cancellations(KafkaAccess settings, Duration retention) {
        this.settings = settings;
        this.book = new CancelBook(retention);
    }

    /// Starts reading; the broker need not be there.
    ///
    /// @param retention how long the commands' topic keeps one
    public static Cancellations open(KafkaAccess settings, Duration retention) {
        Cancellations cancellations = new Cancellations(settings, retention);
        Thread.ofPlatform().name("commands").daemon().start(cancellations::run);
        return cancellations;
    }

    /// Waits until every command is known that was there when the reading began. A worker does so
    /// before it polls for jobs.
    ///
    /// @return whether that happened in time
    public boolean awaitCaughtUp(Duration patience) throws InterruptedException {
        return caughtUp.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// The job's cancel command, if it was read by now.
    public Optional<Cancel> cancelled(JobId job) {
        return book.find(job);
    }

    /// Calls `action` once when a cancel command for the job is read, on the reading thread; at
    /// once, on the calling thread, if one was read before. It must be quick, and must not throw.
    ///
    /// @return ends the watch
    public Watch onCancel(JobId job, Consumer<Cancel> action) {
        book.watch(job, action);
        return () -> book.unwatch(job, action);
    }

    /// Commands that could not be read since the start.
    public long malformed() {
        return malformed.get();
    }

    /// Commands held at the moment.
    public int size() {
        return book.size();
    }

    /// Stops reading. What was read stays known.
    @Override
    public void close() {
        closing.countDown();
        ended.await();
    }

    /// A watch for one job's cancellation.
    @FunctionalInterface
    public interface Watch extends AutoCloseable {
        /// Ends it.
        @Override
        void close();
    }

    private void run() {
        try {
            while (!isClosing()) {
                try (KafkaConsumer<String, byte[]> consumer = consumer()) {
                    read(consumer);
                } catch (RuntimeException | OutOfMemoryError e) {
                    if (!troubled) {
                        troubled = true;
                        LOG.warn(
                                "Cancel commands cannot be read from {}, which is tried again and"
                                        + " again: {}",
                                settings.bootstrap(),
                                e.toString());
                    }
                    LOG.debug("Why cancel commands cannot be read", e);
                    pause();
                }
            }
        } finally {
            ended.reach();
        }
    }

    /// Reads from the beginning until it is to end or something fails. Reading again what is known
    /// already changes nothing.
    private void read(KafkaConsumer<String, byte[]> consumer) {
        startingEnds.clear();
        nextHousekeepingNanos = System.nanoTime();
        while (!isClosing()) {
            if (System.nanoTime() - nextHousekeepingNanos >= 0) {
                assign(consumer);
                book.expire(Instant.now());
                nextHousekeepingNanos = System.nanoTime() + HOUSEKEEPING.toNanos();
            }
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                note(record);
            }
            if (caughtUp.getCount() > 0 && isAtTheEnds(consumer)) {
                caughtUp.countDown();
                LOG.debug("Read {} cancel commands that still hold", book.size());
            }
            if (troubled) {
                troubled = false;
                LOG.info("Cancel commands are read from {} again", settings.bootstrap());
            }
        }
    }

    /// Assigns partitions that are new to us, each from its beginning.
    private void assign(KafkaConsumer<String, byte[]> consumer) {
        Set<TopicPartition> all = new HashSet<>();
        for (PartitionInfo partition : consumer.partitionsFor(settings.topics().commands())) {
            all.add(new TopicPartition(partition.topic(), partition.partition()));
        }
        Set<TopicPartition> fresh = new HashSet<>(all);
        fresh.removeAll(consumer.assignment());
        if (all.isEmpty()) {
            throw new KafkaException("there is no topic " + settings.topics().commands());
        }
        if (!fresh.isEmpty()) {
            consumer.assign(all);
            consumer.seekToBeginning(fresh);
            startingEnds.putAll(consumer.endOffsets(fresh));
        }
    }

    private boolean isAtTheEnds(KafkaConsumer<String, byte[]> consumer) {
        return startingEnds.entrySet().stream()
                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private void note(ConsumerRecord<String, byte[]> record) {
        Instant at = Instant.ofEpochMilli(record.timestamp());
        try {
            if (record.value() == null) {
                forget(record.key());
                return;
            }
            Command command = CommandCodec.decode(Map.of(), record.value());
            switch (command) {
                case Cancel cancel -> book.add(cancel, at);
            }
        } catch (MalformedMessageException e) {
            malformed.incrementAndGet();
            LOG.warn(
                    "The command at {}-{}@{} is malformed and skipped: {}",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    e.getMessage());
        }
    }

    private void forget(@Nullable String key) {
        if (key != null && JobId.LEGAL.matcher(key).matches()) {
            book.remove(new JobId(key));
        }
    }

    private KafkaConsumer<String, byte[]> consumer() {
        Map<String, Object> client = new HashMap<>(settings.kafka());
        client.put(ConsumerConfig.CLIENT_ID_CONFIG, settings.worker() + "-commands");
        client.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        client.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        client.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        client.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        client.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, ANSWER_MILLIS);
        client.put(ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        return new KafkaConsumer<>(client, new StringDeserializer(), new ByteArrayDeserializer());
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void pause() {
        try {
            if (closing.await(PAUSE.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.debug("Stops reading cancel commands");
            }
        } catch (InterruptedException e) {
            LOG.debug("The reader of cancel commands was interrupted and ends", e);
            closing.countDown();
        }
    }
}
