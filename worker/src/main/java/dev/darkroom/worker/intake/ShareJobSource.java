package dev.darkroom.worker.intake;

import dev.darkroom.worker.config.KafkaAccess;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One job slot's share consumer and the thread that owns it.
///
/// The thread polls only while [#take] waits, so no record is locked that nobody has room for; it
/// renews the lock of the record in hand, and settles it when asked. Broker restarts and errors end
/// in another try, never in the end of the thread.
public final class ShareJobSource implements JobSource {
    // Why a lock that could not be renewed is given up at once, and the consumer with it: a
    // renewal has the whole rest of the lock's time to succeed in, so a renewal that failed is a
    // lock that has run out; and a broker that was restarted, or a connection that broke, ends all
    // deliveries of its session anyway. What the client library still believes to hold after such
    // a failure is not ours, and a new consumer is the one state that is certainly right.

    private static final Logger LOG = LoggerFactory.getLogger(ShareJobSource.class);

    /// How long one poll waits; also how long a stop or a close may have to wait for it.
    private static final Duration POLL = Duration.ofMillis(250);

    private static final Duration CLOSE = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    /// Assumed when the broker does not say how long it keeps a lock: the least that one may be
    /// configured to by default (`group.share.min.record.lock.duration.ms`).
    private static final Duration SHORTEST_USUAL_LOCK = Duration.ofSeconds(15);

    /// What the Kafka client measures per second, by its own names.
    public static final List<String> RATES =
            List.of(
                    "fetch-rate",
                    "records-consumed-rate",
                    "acknowledgements-send-rate",
                    "acknowledgements-error-rate");

    /// The tags of a metric that is about no single topic.
    private static final Set<String> OF_THE_CLIENT = Set.of("client-id");

    private final KafkaAccess settings;
    private final Queue queue;
    private final int slot;
    private final IntakeListener listener;
    private final LinkedBlockingQueue<LeaseOrder> orders = new LinkedBlockingQueue<>();
    private final ThreadEnd ended = new ThreadEnd();
    private final AtomicReference<@Nullable KafkaShareConsumer<String, byte[]>> measured =
            new AtomicReference<>();

    // Owned by the lease thread.
    private @Nullable KafkaShareConsumer<String, byte[]> consumer;
    private LeaseOrder.@Nullable Take taker;
    private @Nullable Holding holding;
    private boolean stopped;
    private boolean closed;
    private boolean troubled;
    private Duration pause = FIRST_PAUSE;

    /// A record in hand.
    ///
    /// @param lease what the job thread has of it
    /// @param record as the consumer delivered it last
    /// @param lock its times
    private record Holding(
            HeldLease lease, ConsumerRecord<String, byte[]> record, LockTimes lock) {}

    private ShareJobSource(KafkaAccess settings, Queue queue, int slot, IntakeListener listener) {
        this.settings = settings;
        this.queue = queue;
        this.slot = slot;
        this.listener = listener;
    }

    /// Starts the lease thread of a slot. It connects when the first record is asked for.
    ///
    /// @param queue where its jobs come from
    /// @param slot number of the slot, from 0, different from that of every other slot of the
    ///   worker
    public static ShareJobSource open(
            KafkaAccess settings, Queue queue, int slot, IntakeListener listener) {
        ShareJobSource source = new ShareJobSource(settings, queue, slot, listener);
        Thread.ofPlatform().name("lease-" + slot).daemon().start(source::run);
        return source;
    }

    @Override
    public Optional<Lease> take() throws InterruptedException {
        CompletableFuture<Optional<Lease>> reply = new CompletableFuture<>();
        order(new LeaseOrder.Take(reply));
        try {
            return reply.get();
        } catch (InterruptedException e) {
            // Too late to call it off: the record is in hand, and would be renewed for ever.
            if (!reply.cancel(false) && !reply.isCompletedExceptionally()) {
                reply.join().ifPresent(Lease::release);
            }
            throw e;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    @Override
    public void stop() {
        order(new LeaseOrder.Stop());
    }

    /// Leaves the group and waits until the lease thread has ended. A lease that is held is given
    /// back, and no longer ours.
    @Override
    public void close() {
        order(new LeaseOrder.Close());
        ended.await();
    }

    /// One of [#RATES] as the Kafka client measures it, over all topics; 0 while there is no
    /// client. Safe for any thread.
    public double rate(String name) {
        KafkaShareConsumer<String, byte[]> current = measured.get();
        return current == null
                ? 0
                : current.metrics().entrySet().stream()
                        .filter(metric -> metric.getKey().name().equals(name))
                        .filter(metric -> metric.getKey().tags().keySet().equals(OF_THE_CLIENT))
                        .mapToDouble(metric -> number(metric.getValue()))
                        .sum();
    }

    private static double number(Metric metric) {
        // Not a number: nothing was measured yet.
        return metric.metricValue() instanceof Double value && Double.isFinite(value) ? value : 0;
    }

    /// Hands an order to the lease thread. Safe for any thread.
    void order(LeaseOrder order) {
        orders.add(order);
        if (ended.isReached()) {
            refuseTheRest();
        }
    }

    private void run() {
        try {
            while (!closed) {
                try {
                    turn();
                } catch (RuntimeException | OutOfMemoryError e) {
                    recover(e);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("Slot {} was interrupted and leaves", slot, e);
        } finally {
            turnAwayTaker();
            giveUpHeld();
            dropConsumer();
            ended.reach();
            refuseTheRest();
        }
    }

    /// One turn: obeys an order, or does what is due.
    private void turn() throws InterruptedException {
        Holding held = holding;
        LeaseOrder order;
        if (held != null) {
            Duration wait = held.lock().untilRenewal(System.nanoTime());
            order = orders.poll(wait.toNanos(), TimeUnit.NANOSECONDS);
            if (order == null) {
                renew(held);
                return;
            }
        } else if (taker == null) {
            order = orders.take();
        } else {
            order = orders.poll();
            if (order == null) {
                poll(taker);
                return;
            }
        }
        obey(order);
    }

    private void obey(LeaseOrder order) {
        switch (order) {
            case LeaseOrder.Take take -> {
                if (stopped) {
                    take.reply().complete(Optional.empty());
                } else if (holding != null || waiting(taker)) {
                    take.reply()
                            .completeExceptionally(
                                    new IllegalStateException(
                                            "slot " + slot + " has not settled the record before"));
                } else {
                    taker = take;
                }
            }
            case LeaseOrder.Settle settle -> settle(settle);
            case LeaseOrder.Stop() -> {
                stopped = true;
                // In this order: once no slot of a worker has a taker, none has a fetch under way
                // either, which would take what another slot gives back when it is closed.
                if (holding == null) {
                    dropConsumer();
                }
                turnAwayTaker();
            }
            case LeaseOrder.Close() -> {
                stopped = true;
                closed = true;
                turnAwayTaker();
            }
        }
    }

    /// Waits a moment for a record and hands it over, its lock confirmed.
    private void poll(LeaseOrder.Take wanted) {
        if (wanted.reply().isDone()) {
            // Nobody waits any more, but a fetch may be under way: leaving the group gives up
            // whatever it brings, which would otherwise lie here for as long as its lock lasts.
            taker = null;
            dropConsumer();
            return;
        }
        KafkaShareConsumer<String, byte[]> current = connected();
        ConsumerRecords<String, byte[]> polled = current.poll(POLL);
        calm();
        if (polled.isEmpty()) {
            return;
        }
        ConsumerRecord<String, byte[]> record = polled.iterator().next();
        Duration duration =
                current.acquisitionLockTimeoutMs()
                        .map(Duration::ofMillis)
                        .orElse(SHORTEST_USUAL_LOCK);
        // A fetch may have ended after the poll that began it, so the record may have been locked
        // long ago: only a renewal tells whether somebody else has it by now, and from when on it
        // is ours. (Of a record that is done with and behind the group's window the broker does
        // not tell; the job's manifest does.)
        Holding fresh =
                new Holding(
                        new HeldLease(this, record),
                        record,
                        new LockTimes(duration, System.nanoTime()));
        Optional<Holding> confirmed = tryRenew(fresh);
        if (confirmed.isEmpty()) {
            return;
        }
        holding = confirmed.get();
        taker = null;
        Duration queueWait =
                Duration.ofMillis(Math.max(0, System.currentTimeMillis() - record.timestamp()));
        listener.taken(queueWait, fresh.lease().deliveryCount());
        if (!wanted.reply().complete(Optional.of(fresh.lease()))) {
            settle(
                    new LeaseOrder.Settle(
                            fresh.lease(),
                            LeaseOrder.Settlement.RELEASE,
                            new CompletableFuture<>()));
        }
    }

    private void renew(Holding held) {
        Optional<Holding> renewed = tryRenew(held);
        if (renewed.isPresent()) {
            holding = renewed.get();
            listener.renewed();
        } else {
            loseHeld();
        }
    }

    /// Renews a lock: acknowledges with RENEW, commits, and polls, which gives the record back so
    /// that it can be acknowledged again. Nothing when the lock is gone; the consumer is then gone
    /// too.
    private Optional<Holding> tryRenew(Holding held) {
        KafkaShareConsumer<String, byte[]> current = connected();
        long sentNanos = System.nanoTime();
        try {
            current.acknowledge(held.record(), AcknowledgeType.RENEW);
            commit(current, held.lock().untilExpiry(sentNanos));
            ConsumerRecords<String, byte[]> again =
                    current.poll(held.lock().untilExpiry(System.nanoTime()));
            for (ConsumerRecord<String, byte[]> record : again) {
                if (held.lease()
                        .origin()
                        .equals(
                                new Lease.Origin(
                                        record.topic(), record.partition(), record.offset()))) {
                    return Optional.of(
                            new Holding(held.lease(), record, held.lock().renewed(sentNanos)));
                }
            }
            LOG.warn("The lock of {} was renewed, but its record is gone", held.lease().origin());
        } catch (KafkaException | IllegalStateException e) {
            LOG.warn(
                    "The lock of {} is lost: {}. Another worker may have the job; its manifest"
                            + " decides which outcome counts",
                    held.lease().origin(),
                    e.toString());
            LOG.debug("Why the lock of {} is lost", held.lease().origin(), e);
        }
        dropConsumer();
        return Optional.empty();
    }

    private void settle(LeaseOrder.Settle settle) {
        Holding held = holding;
        if (held == null || held.lease() != settle.lease()) {
            settle.reply().completeExceptionally(lost(settle.lease(), null));
            return;
        }
        holding = null;
        KafkaShareConsumer<String, byte[]> current = connected();
        try {
            current.acknowledge(
                    held.record(),
                    switch (settle.how()) {
                        case ACCEPT -> AcknowledgeType.ACCEPT;
                        case RELEASE -> AcknowledgeType.RELEASE;
                    });
            commit(current, held.lock().untilExpiry(System.nanoTime()));
        } catch (RuntimeException | OutOfMemoryError e) {
            try {
                held.lease().lose();
                listener.lost();
                dropConsumer();
            } finally {
                settle.reply().completeExceptionally(lost(settle.lease(), e));
            }
            return;
        }
        // The job thread waits without a limit: whatever happens, it gets its answer.
        try {
            if (settle.how() == LeaseOrder.Settlement.ACCEPT) {
                listener.accepted();
            }
            if (stopped) {
                dropConsumer();
            }
        } finally {
            settle.reply().complete(null);
        }
    }

    /// Sends the acknowledgement and waits for the broker's word on it.
    private static void commit(KafkaShareConsumer<String, byte[]> consumer, Duration timeout) {
        Map<TopicIdPartition, Optional<KafkaException>> results = consumer.commitSync(timeout);
        for (Optional<KafkaException> failure : results.values()) {
            if (failure.isPresent()) {
                throw failure.get();
            }
        }
    }

    private static LockLostException lost(HeldLease lease, @Nullable Throwable cause) {
        String why = cause == null ? "" : ": " + cause.getMessage();
        return new LockLostException(
                "The lock of " + lease.origin() + " was lost" + why,
                cause == null ? new KafkaException("lost before it was settled") : cause);
    }

    private void loseHeld() {
        if (giveUpHeld()) {
            listener.lost();
        }
    }

    /// Ends the lease of the record in hand, without a word to the broker: to leave the group gives
    /// the record back.
    private boolean giveUpHeld() {
        Holding held = holding;
        if (held == null) {
            return false;
        }
        holding = null;
        held.lease().lose();
        return true;
    }

    private KafkaShareConsumer<String, byte[]> connected() {
        KafkaShareConsumer<String, byte[]> current = consumer;
        if (current == null) {
            current =
                    new KafkaShareConsumer<>(
                            clientSettings(),
                            new StringDeserializer(),
                            new ByteArrayDeserializer());
            consumer = current;
            measured.set(current);
            current.subscribe(List.of(queue.topic(settings.topics())));
        }
        return current;
    }

    private Map<String, Object> clientSettings() {
        Map<String, Object> client = new HashMap<>(settings.kafka());
        client.put(ConsumerConfig.GROUP_ID_CONFIG, queue.group(settings.topics()));
        client.put(ConsumerConfig.CLIENT_ID_CONFIG, settings.worker() + "-lease-" + slot);
        client.put(ConsumerConfig.SHARE_ACKNOWLEDGEMENT_MODE_CONFIG, "explicit");
        client.put(ConsumerConfig.SHARE_ACQUIRE_MODE_CONFIG, "record_limit");
        client.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        client.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) POLL.toMillis());
        client.put(ConsumerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        return client;
    }

    /// After an error outside of any lock: says so once, drops the consumer, waits a little.
    private void recover(Throwable failure) throws InterruptedException {
        if (!troubled) {
            troubled = true;
            LOG.warn(
                    "Slot {} cannot take jobs from {} and keeps trying: {}",
                    slot,
                    settings.bootstrap(),
                    failure.toString());
        }
        LOG.debug("Why slot {} cannot take jobs", slot, failure);
        loseHeld();
        dropConsumer();
        LeaseOrder order = orders.poll(pause.toNanos(), TimeUnit.NANOSECONDS);
        Duration doubled = pause.multipliedBy(2);
        pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        if (order != null) {
            obey(order);
        }
    }

    private void calm() {
        if (troubled) {
            LOG.info("Slot {} takes jobs from {} again", slot, settings.bootstrap());
        }
        troubled = false;
        pause = FIRST_PAUSE;
    }

    private void dropConsumer() {
        KafkaShareConsumer<String, byte[]> current = consumer;
        if (current != null) {
            consumer = null;
            measured.set(null);
            try {
                current.close(CLOSE);
            } catch (RuntimeException e) {
                LOG.debug("Slot {} could not leave its group in order", slot, e);
            }
        }
    }

    private void turnAwayTaker() {
        LeaseOrder.Take waiting = taker;
        if (waiting != null) {
            taker = null;
            waiting.reply().complete(Optional.empty());
        }
    }

    private static boolean waiting(LeaseOrder.@Nullable Take take) {
        return take != null && !take.reply().isDone();
    }

    /// Answers orders that came after the end.
    private void refuseTheRest() {
        for (LeaseOrder order = orders.poll(); order != null; order = orders.poll()) {
            switch (order) {
                case LeaseOrder.Take take -> take.reply().complete(Optional.empty());
                case LeaseOrder.Settle settle ->
                        settle.reply().completeExceptionally(lost(settle.lease(), null));
                case LeaseOrder.Stop(), LeaseOrder.Close() -> {}
            }
        }
    }
}
