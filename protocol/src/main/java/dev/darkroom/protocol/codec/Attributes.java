package dev.darkroom.protocol.codec;

import static dev.darkroom.protocol.json.Field.named;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.json.ChoiceShape;
import dev.darkroom.protocol.json.Field;
import dev.darkroom.protocol.json.Fields;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.MomentShape;
import dev.darkroom.protocol.json.ObjectShape;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.TextShape;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The CloudEvents 1.0 attributes of a message, in both of their forms: fields beside `data`
/// (structured mode) and `ce_` headers (Kafka's binary mode).
///
/// @param type what the message is
/// @param id which message it is: a repeat has the same
/// @param subject what it is about
/// @param time when it was true; absent: not said
/// @param traceparent W3C trace context; absent: none, or not a legal one
record Attributes(
        String type,
        String id,
        @Nullable String subject,
        @Nullable Instant time,
        @Nullable String traceparent) {
    /// The `source` of everything that is written here.
    static final String SOURCE = "/darkroom";

    /// The content type of a structured CloudEvent.
    static final String STRUCTURED = "application/cloudevents+json";

    private static final String VERSION = "1.0";
    private static final String JSON = "application/json";
    private static final String PREFIX = "ce_";
    private static final String CONTENT_TYPE = "content-type";
    private static final Pattern TRACEPARENT =
            Pattern.compile("[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}");
    private static final TextShape NOT_EMPTY =
            new TextShape(4096, Pattern.compile("[\\s\\S]+"), "text of 1 to 4096 characters");

    private static final Field<Attributes, String> SPEC_VERSION =
            named("specversion", "Version of CloudEvents.")
                    .required(new ChoiceShape<>(List.of(VERSION), v -> v), _ -> VERSION);
    private static final Field<Attributes, String> ID =
            named("id", "Which message it is: a repeat has the same.")
                    .required(NOT_EMPTY, Attributes::id);
    private static final Field<Attributes, String> SOURCE_FIELD =
            named("source", "Who sent it.").required(NOT_EMPTY, _ -> SOURCE);
    private static final Field<Attributes, String> TYPE =
            named("type", "What the message is.").required(NOT_EMPTY, Attributes::type);
    private static final Field<Attributes, String> SUBJECT =
            named("subject", "What it is about.").optional(NOT_EMPTY, Attributes::subject);
    private static final Field<Attributes, Instant> TIME =
            named("time", "When it was true.").optional(new MomentShape(), Attributes::time);
    private static final Field<Attributes, String> DATA_CONTENT_TYPE =
            named("datacontenttype", "The content type of `data`.")
                    .defaulted(
                            new TextShape(
                                    256,
                                    Pattern.compile(
                                            "application/([A-Za-z0-9.+-]+\\+)?json( *;.*)?"),
                                    "application/json"),
                            _ -> JSON,
                            "");
    private static final Field<Attributes, String> TRACE =
            named("traceparent", "W3C trace context.")
                    .optional(TextShape.ANY, Attributes::traceparent);

    /// The fields beside `data`.
    static final Fields<Attributes> FIELDS =
            Fields.of(
                    SPEC_VERSION, ID, SOURCE_FIELD, TYPE, SUBJECT, TIME, DATA_CONTENT_TYPE, TRACE);

    /// The fields beside `data`, as a value.
    static final Shape<Attributes> SHAPE =
            new ObjectShape<>(
                    FIELDS,
                    v ->
                            new Attributes(
                                    v.get(TYPE),
                                    v.get(ID),
                                    v.find(SUBJECT),
                                    v.find(TIME),
                                    legalTrace(v.find(TRACE))));

    /// Whether an object has the look of a CloudEvent.
    static boolean areIn(JsonNode node) {
        return node.has(SPEC_VERSION.name());
    }

    /// A structured CloudEvent.
    ObjectNode around(JsonNode data) {
        ObjectNode event = FIELDS.write(this, Json.object());
        event.set("data", data);
        return event;
    }

    /// A binary CloudEvent.
    Message message(String key, JsonNode data) {
        Map<String, String> headers = new LinkedHashMap<>();
        FIELDS.write(this, Json.object())
                .properties()
                .forEach(e -> headers.put(header(e.getKey()), e.getValue().asText()));
        return new Message(key, headers, Json.write(data));
    }

    /// The structured CloudEvent that a binary one stands for.
    static ObjectNode structured(Map<String, String> headers, JsonNode data) {
        ObjectNode event = Json.object();
        headers.forEach((name, value) -> {
            if (name.equals(CONTENT_TYPE)) {
                event.put(DATA_CONTENT_TYPE.name(), value);
            } else if (name.startsWith(PREFIX)) {
                event.put(name.substring(PREFIX.length()), value);
            }
        });
        event.set("data", data);
        return event;
    }

    /// The header that carries an attribute.
    static String header(String attribute) {
        return attribute.equals(DATA_CONTENT_TYPE.name()) ? CONTENT_TYPE : PREFIX + attribute;
    }

    // A broken trace context is dropped, as W3C Trace Context (section 3.2) has it: it must not
    // fail
    // what it only observes.
    private static @Nullable String legalTrace(@Nullable String trace) {
        return trace != null && TRACEPARENT.matcher(trace).matches() ? trace : null;
    }
}
