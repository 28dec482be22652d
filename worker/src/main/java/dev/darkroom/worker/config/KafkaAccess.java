package dev.darkroom.worker.config;

import dev.darkroom.protocol.topic.Topics;
import java.util.Map;

/// How a worker reaches its lane's topics: what every Kafka client of it needs to know.
///
/// @param kafka settings of every client: `bootstrap.servers` and, where the cluster asks for it,
///   security
/// @param topics topics and groups of the lane that the worker serves
/// @param worker the worker's id, from which its clients' names are made
public record KafkaAccess(Map<String, String> kafka, Topics topics, String worker) {
    private static final String BOOTSTRAP = "bootstrap.servers";

    /// Copies the map.
    public KafkaAccess {
        kafka = Map.copyOf(kafka);
        if (!kafka.containsKey(BOOTSTRAP)) {
            throw new IllegalArgumentException(
                    "kafka has no bootstrap.servers; legal: host:port[,host:port…]");
        }
    }

    /// The broker addresses, for messages.
    public String bootstrap() {
        return kafka.getOrDefault(BOOTSTRAP, "");
    }

    @Override
    public String toString() {
        return "KafkaAccess[kafka="
                + Masking.shown(kafka)
                + ", topics="
                + topics
                + ", worker="
                + worker
                + "]";
    }
}
