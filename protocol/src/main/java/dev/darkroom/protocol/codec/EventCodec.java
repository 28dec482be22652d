package dev.darkroom.protocol.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.EventType;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.job.JobFields;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.UnknownFields;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Events on the wire: CloudEvents in Kafka's binary mode, and, within a manifest, in structured
/// JSON.
public final class EventCodec {
    private static final String WHAT = "event";

    private EventCodec() {}

    /// The CloudEvents `id` of an event: `<job>/<name>/<attempt>.<run>.<sequence>`, which no other
    /// event has, and `<job>/terminal` for the one end, whichever it is.
    public static String id(JobEvent event) {
        EventHeader header = event.header();
        return event instanceof Terminal
                ? header.job() + "/terminal"
                : header.job()
                        + "/"
                        + EventType.nameOf(event)
                        + "/"
                        + header.attempt()
                        + "."
                        + header.run()
                        + "."
                        + header.sequence();
    }

    /// Writes an event as a record: key, `ce_` headers, data.
    public static Message encode(JobEvent event) {
        return attributes(event).message(event.header().job().value(), EventType.writeData(event));
    }

    /// Writes an event as one JSON object.
    public static JsonNode encodeStructured(JobEvent event) {
        return attributes(event).around(EventType.writeData(event));
    }

    /// Reads a record.
    ///
    /// @throws MalformedMessageException when it is not an event that is known here
    public static JobEvent decode(Map<String, String> headers, byte[] value) {
        return decodeStructured(Attributes.structured(headers, Documents.parse(WHAT, value)));
    }

    /// Reads one JSON object.
    ///
    /// @throws MalformedMessageException when it is not an event that is known here
    public static JobEvent decodeStructured(JsonNode node) {
        return Documents.read(WHAT, node, EventCodec::read);
    }

    /// Reads one JSON object within a larger document; null when a violation was reported.
    static @Nullable JobEvent read(JsonNode node, Reading at) {
        Attributes attributes = Attributes.SHAPE.read(node, at);
        if (attributes == null) {
            return null;
        }
        Optional<EventType<?>> type = EventType.ofType(attributes.type());
        if (type.isEmpty()) {
            at.at("type")
                    .refuse(
                            node.path("type"),
                            EventType.all().map(EventType::type).collect(Collectors.joining(", ")));
            return null;
        }
        JobId job = JobFields.JOB_ID.read(node.path("subject"), at.at("subject"));
        Instant time = attributes.time();
        if (time == null) {
            at.at("time").missing("when it happened");
        }
        if (job == null || time == null) {
            return null;
        }
        EventType.About about = new EventType.About(job, time, attributes.traceparent());
        return type.get().read(node.path("data"), about, at.at("data"));
    }

    /// The JSON Schema of an event of this type as one JSON object.
    static ObjectNode structuredSchema(EventType<?> type, UnknownFields unknown) {
        ObjectNode schema = Attributes.FIELDS.schema(unknown);
        ObjectNode properties = schema.withObjectProperty("properties");
        properties.withObjectProperty("type").put("const", type.type());
        properties.set("data", type.schema(unknown));
        schema.withArrayProperty("required").add("subject").add("time").add("data");
        return schema;
    }

    private static Attributes attributes(JobEvent event) {
        EventHeader header = event.header();
        return new Attributes(
                EventType.typeOf(event),
                id(event),
                header.job().value(),
                header.time(),
                header.traceparent());
    }
}
