package dev.darkroom.worker.events;

import dev.darkroom.protocol.topic.Topics;
import java.util.Map;

/// Where events go.
///
/// @param kafka settings of every Kafka client: `bootstrap.servers` and, where the cluster asks for
///   it, security
/// @param topics the topics
/// @param worker the worker's id, from which its clients' names are made
public record EventSettings(Map<String, String> kafka, Topics topics, String worker) {
    /// Copies the map.
    public EventSettings {
        kafka = Map.copyOf(kafka);
        if (!kafka.containsKey("bootstrap.servers")) {
            throw new IllegalArgumentException(
                    "kafka has no bootstrap.servers; legal: host:port[,host:port…]");
        }
    }

    /// The broker addresses, for messages.
    public String bootstrap() {
        return kafka.getOrDefault("bootstrap.servers", "");
    }
}
