package dev.darkroom.protocol.codec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a codec makes for a topic: the key, headers and value of one Kafka record. Immutable as
/// long as nobody writes into the value.
public final class Message {
    private final String key;
    private final Map<String, String> headers;
    private final byte[] value;

    /// A message; the headers keep their order.
    public Message(String key, Map<String, String> headers, byte[] value) {
        this.key = key;
        this.headers = Collections.unmodifiableMap(new LinkedHashMap<>(headers));
        this.value = value;
    }

    /// The record's key: what the message is about.
    public String key() {
        return key;
    }

    /// The record's headers, as text in UTF-8.
    public Map<String, String> headers() {
        return headers;
    }

    /// The record's value: JSON in UTF-8. Not a copy.
    public byte[] value() {
        return value;
    }
}
