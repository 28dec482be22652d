package dev.darkroom.ops.cli;

import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.codec.MalformedMessageException;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.topic.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The events of every job of every lane, from now on. For one thread.
final class AllEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AllEvents.class);
    private static final Duration POLL = Duration.ofSeconds(1);

    private final KafkaConsumer<String, byte[]> consumer;

    private AllEvents(KafkaConsumer<String, byte[]> consumer) {
        this.consumer = consumer;
    }

    /// Reads without a group, so that nobody else's reading is disturbed.
    ///
    /// @param client settings of the Kafka client
    static AllEvents fromNow(Map<String, String> client, Topics topics) {
        Map<String, Object> settings = new HashMap<>(client);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
        KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(
                        settings, new StringDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions =
                Stream.of(topics.events(), topics.progress())
                        .map(consumer::partitionsFor)
                        .flatMap(Collection::stream)
                        .map(info -> new TopicPartition(info.topic(), info.partition()))
                        .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // Seeking is lazy: from here on nothing is missed.
        partitions.forEach(consumer::position);
        return new AllEvents(consumer);
    }

    /// Shows events until the process ends.
    void show(EventView view) {
        while (true) {
            for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                show(record, view);
            }
        }
    }

    private static void show(ConsumerRecord<String, byte[]> record, EventView view) {
        JobEvent event;
        try {
            event = EventCodec.decode(headers(record), record.value());
        } catch (MalformedMessageException e) {
            // A kind of event that only newer clients know, or not an event at all.
            LOG.debug(
                    "Passed over {}-{}@{}", record.topic(), record.partition(), record.offset(), e);
            return;
        }
        view.show(event);
    }

    private static Map<String, String> headers(ConsumerRecord<String, byte[]> record) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : record.headers()) {
            if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        return headers;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
