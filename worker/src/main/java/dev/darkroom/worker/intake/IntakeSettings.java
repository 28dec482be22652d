package dev.darkroom.worker.intake;

import dev.darkroom.protocol.topic.Topics;
import java.util.Map;

/// How the queue is reached.
///
/// @param kafka settings of every Kafka client: `bootstrap.servers` and, where the cluster asks for
///   it, security
/// @param topics topics and group of the lane that the worker serves
/// @param worker the worker's id, from which its clients' names are made
public record IntakeSettings(Map<String, String> kafka, Topics topics, String worker) {
    /// Copies the map.
    public IntakeSettings {
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
