package dev.darkroom.protocol.client;

import dev.darkroom.protocol.topic.Topics;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a client reaches its fleet.
///
/// @param bootstrap brokers to ask first, as `host:port`, separated by commas
/// @param topics names of the lane's topics
/// @param kafka more settings of the Kafka clients, such as `security.protocol` and `sasl.*`; what
///   this library depends on cannot be changed by them
/// @param timeout within which a submission, a cancel or the start of a following must be
///   acknowledged, at least 1 ms
/// @param s3 where outputs are stored, for links to them; absent: there are none
public record ClientOptions(
        String bootstrap,
        Topics topics,
        Map<String, String> kafka,
        Duration timeout,
        @Nullable S3Access s3) {
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    /// Copies the map and refuses what cannot work.
    public ClientOptions {
        if (bootstrap.isBlank()) {
            throw new IllegalArgumentException(
                    "bootstrap is '" + bootstrap + "'; legal: host:port, separated by commas");
        }
        if (timeout.toMillis() < 1 || timeout.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "timeout is " + timeout + "; legal: from 1 ms to " + Integer.MAX_VALUE + " ms");
        }
        kafka = Map.copyOf(kafka);
    }

    /// The default lane of these brokers.
    public static ClientOptions of(String bootstrap) {
        return new ClientOptions(bootstrap, Topics.standard(), Map.of(), DEFAULT_TIMEOUT, null);
    }

    /// The same with other topics: another lane, another prefix.
    public ClientOptions withTopics(Topics other) {
        return new ClientOptions(bootstrap, other, kafka, timeout, s3);
    }

    /// The same with other settings of the Kafka clients.
    public ClientOptions withKafka(Map<String, String> settings) {
        return new ClientOptions(bootstrap, topics, settings, timeout, s3);
    }

    /// The same with another timeout.
    public ClientOptions withTimeout(Duration other) {
        return new ClientOptions(bootstrap, topics, kafka, other, s3);
    }

    /// The same with a store that links can be made to.
    public ClientOptions withS3(S3Access store) {
        return new ClientOptions(bootstrap, topics, kafka, timeout, store);
    }
}
