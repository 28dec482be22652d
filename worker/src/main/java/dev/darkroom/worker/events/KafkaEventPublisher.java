package dev.darkroom.worker.events;

import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.codec.Message;
import dev.darkroom.protocol.codec.WorkerStatusCodec;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.WorkerStatus;
import dev.darkroom.worker.config.KafkaAccess;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Events on Kafka, through two producers: one that never gives up, for lifecycle events, and one
/// that never waits, for progress and status.
public final class KafkaEventPublisher implements EventPublisher {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaEventPublisher.class);

    /// What the Kafka clients measure per second, by their own names.
    public static final List<String> RATES =
            List.of("record-send-rate", "record-retry-rate", "record-error-rate");

    /// The tags of a metric that is about no single topic.
    private static final Set<String> OF_THE_CLIENT = Set.of("client-id");

    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration LOOK_UP = Duration.ofSeconds(2);
    private static final Duration LOOK_UP_PAUSE = Duration.ofMillis(10);
    private static final Duration CLOSE = Duration.ofSeconds(2);

    private final KafkaAccess settings;
    private final EventListener listener;
    private final KafkaProducer<String, byte[]> patient;
    private final KafkaProducer<String, byte[]> hasty;
    private final AtomicBoolean patientAway = new AtomicBoolean();
    private final AtomicBoolean hastyAway = new AtomicBoolean();

    private KafkaEventPublisher(
            KafkaAccess settings,
            EventListener listener,
            KafkaProducer<String, byte[]> patient,
            KafkaProducer<String, byte[]> hasty) {
        this.settings = settings;
        this.listener = listener;
        this.patient = patient;
        this.hasty = hasty;
    }

    /// Starts both producers. Waits a moment for the broker, so that the first thing offered is not
    /// dropped; but it need not be there.
    public static KafkaEventPublisher open(KafkaAccess settings, EventListener listener) {
        KafkaProducer<String, byte[]> patient = producer(settings, "events", patientSettings());
        KafkaProducer<String, byte[]> hasty;
        try {
            hasty = producer(settings, "progress", hastySettings());
        } catch (KafkaException e) {
            patient.close(Duration.ZERO);
            throw e;
        }
        for (String topic : List.of(settings.topics().progress(), settings.topics().workers())) {
            lookUp(hasty, topic);
        }
        return new KafkaEventPublisher(settings, listener, patient, hasty);
    }

    /// Publishes and waits. The producer already repeats for its delivery timeout; after that the
    /// same event, with the same id, is given to it again.
    ///
    /// @throws IllegalArgumentException when the event is larger than a record may be
    @Override
    public void publish(JobEvent event) throws InterruptedException {
        ProducerRecord<String, byte[]> record =
                record(settings.topics().events(), EventCodec.encode(event));
        while (true) {
            try {
                patient.send(record).get();
                if (patientAway.getAndSet(false)) {
                    LOG.info("Events go out to {} again", settings.bootstrap());
                }
                listener.sent(event);
                return;
            } catch (InterruptException e) {
                // The client sets the flag again when it throws this; the exception carries it on.
                Thread.interrupted();
                throw interrupted(event, e);
            } catch (ExecutionException | KafkaException e) {
                Throwable why = e instanceof ExecutionException ? e.getCause() : e;
                if (why instanceof RecordTooLargeException) {
                    throw new IllegalArgumentException(
                            EventCodec.id(event) + " cannot be published: " + why.getMessage(), e);
                }
                if (!patientAway.getAndSet(true)) {
                    LOG.warn(
                            "Events cannot be published to {}, which is tried again and again: {}",
                            settings.bootstrap(),
                            String.valueOf(why));
                }
                listener.repeated(event);
                Thread.sleep(PAUSE);
            }
        }
    }

    @Override
    public void offer(JobEvent.Progress event) {
        offer(
                record(settings.topics().progress(), EventCodec.encode(event)),
                () -> listener.sent(event));
    }

    @Override
    public void offer(WorkerStatus status) {
        offer(record(settings.topics().workers(), WorkerStatusCodec.encode(status)), () -> {});
    }

    /// One of [#RATES] as the Kafka clients measure it, of both producers together, over all
    /// topics. Safe for any thread.
    public double rate(String name) {
        return rate(patient, name) + rate(hasty, name);
    }

    private static double rate(KafkaProducer<String, byte[]> producer, String name) {
        return producer.metrics().entrySet().stream()
                .filter(metric -> metric.getKey().name().equals(name))
                .filter(metric -> metric.getKey().tags().keySet().equals(OF_THE_CLIENT))
                .mapToDouble(metric -> number(metric.getValue()))
                .sum();
    }

    private static double number(Metric metric) {
        // Not a number: nothing was measured yet.
        return metric.metricValue() instanceof Double value && Double.isFinite(value) ? value : 0;
    }

    /// Gives what was offered two seconds to be sent, and drops the rest. Nobody may be publishing
    /// any more.
    @Override
    public void close() {
        hasty.close(CLOSE);
        patient.close(CLOSE);
    }

    private void offer(ProducerRecord<String, byte[]> record, Runnable whenSent) {
        Consumer<Exception> drop =
                failure -> {
                    listener.dropped();
                    if (!hastyAway.getAndSet(true)) {
                        LOG.warn(
                                "Progress and status are dropped while {} is away: {}",
                                settings.bootstrap(),
                                failure.toString());
                    }
                };
        try {
            var _ =
                    hasty.send(
                            record,
                            (_, failure) -> {
                                if (failure != null) {
                                    drop.accept(failure);
                                } else {
                                    hastyAway.set(false);
                                    whenSent.run();
                                }
                            });
        } catch (KafkaException | IllegalStateException e) {
            drop.accept(e);
        }
    }

    /// Makes a topic known to a producer that never waits, and so drops what it is given before.
    private static void lookUp(KafkaProducer<String, byte[]> producer, String topic) {
        long endNanos = System.nanoTime() + LOOK_UP.toNanos();
        while (System.nanoTime() - endNanos < 0) {
            try {
                producer.partitionsFor(topic);
                return;
            } catch (TimeoutException e) {
                LOG.trace("{} is still being looked up", topic, e);
            }
            try {
                Thread.sleep(LOOK_UP_PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private static InterruptedException interrupted(JobEvent event, Throwable cause) {
        InterruptedException interrupted =
                new InterruptedException("interrupted while publishing " + EventCodec.id(event));
        interrupted.initCause(cause);
        return interrupted;
    }

    private static ProducerRecord<String, byte[]> record(String topic, Message message) {
        ProducerRecord<String, byte[]> record =
                new ProducerRecord<>(topic, message.key(), message.value());
        message.headers()
                .forEach((name, value) ->
                        record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        return record;
    }

    private static KafkaProducer<String, byte[]> producer(
            KafkaAccess settings, String name, Map<String, Object> own) {
        Map<String, Object> all = new HashMap<>(settings.kafka());
        all.putAll(own);
        all.put(ProducerConfig.CLIENT_ID_CONFIG, settings.worker() + "-" + name);
        all.put(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        return new KafkaProducer<>(all, new StringSerializer(), new ByteArraySerializer());
    }

    private static Map<String, Object> patientSettings() {
        return Map.of(
                ProducerConfig.ACKS_CONFIG, "all",
                ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true,
                ProducerConfig.RETRIES_CONFIG, Integer.MAX_VALUE,
                ProducerConfig.LINGER_MS_CONFIG, 0,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, 60_000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 120_000,
                ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
    }

    private static Map<String, Object> hastySettings() {
        Map<String, Object> own = new HashMap<>();
        own.put(ProducerConfig.ACKS_CONFIG, "1");
        own.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, false);
        own.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 0);
        own.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        own.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000);
        own.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 5_000);
        own.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 8L << 20);
        own.put(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);
        // A topic that was not used for this long is forgotten, and the next event to it dropped.
        own.put(ProducerConfig.METADATA_MAX_IDLE_CONFIG, Duration.ofDays(7).toMillis());
        return own;
    }
}
