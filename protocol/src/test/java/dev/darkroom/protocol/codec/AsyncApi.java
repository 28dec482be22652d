package dev.darkroom.protocol.codec;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.event.EventType;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.UnknownFields;
import dev.darkroom.protocol.topic.Topics;
import java.util.List;

/// The AsyncAPI document: which messages are on which topics, from the fleet's point of view.
final class AsyncApi {
    private static final Topics TOPICS = Topics.standard();
    private static final Topics LANE = new Topics(Topics.DEFAULT_PREFIX, "lane");

    private AsyncApi() {}

    /// The whole document.
    static ObjectNode document() {
        ObjectNode document = Json.object().put("asyncapi", "3.0.0");
        document.putObject("info")
                .put("title", "Darkroom")
                .put("version", "1.0.0")
                .put(
                        "description",
                        "Jobs in, events out, over Kafka. The topics bear the default prefix,"
                                + " which a fleet may configure. Every record's key is the id of"
                                + " what it is about, partitioned by the Kafka clients' default"
                                + " partitioner (murmur2 of the key's UTF-8 bytes).");
        document.put("defaultContentType", "application/json");

        ObjectNode channels = document.putObject("channels");
        channel(channels, "jobs", TOPICS.jobs(), "Jobs of the default lane.", List.of("job"));
        channel(channels, "resume", TOPICS.resume(), "Jobs handed back.", List.of("job"));
        laned(channels, "laneJobs", LANE.jobs(), "Jobs of another lane.");
        laned(channels, "laneResume", LANE.resume(), "Jobs of another lane handed back.");
        channel(channels, "commands", TOPICS.commands(), "Orders.", List.of("cancel"));
        channel(
                channels,
                "events",
                TOPICS.events(),
                "The lifecycle of every job. A subscriber drops what is older (by attempt, then"
                        + " handBacks, then run, as text, then sequence) than it has seen, and all"
                        + " after a terminal event: completed, failed or cancelled. An event may"
                        + " come more than once, always with the same id; a terminal event's id"
                        + " is the job's id and `/terminal`, whichever it is.",
                EventType.all().map(EventType::name).filter(n -> !n.equals("progress")).toList());
        channel(
                channels,
                "progress",
                TOPICS.progress(),
                "How far every job is, at most a few times a second.",
                List.of("progress"));
        channel(
                channels,
                "workers",
                TOPICS.workers(),
                "What every worker does, at intervals and at changes.",
                List.of("workerStatus"));

        ObjectNode operations = document.putObject("operations");
        operation(operations, "takeJob", "receive", "jobs", "A backend submits a job.");
        operation(operations, "takeLaneJob", "receive", "laneJobs", "The same, in a lane.");
        operation(operations, "resumeJob", "receive", "resume", "A worker goes on with a job.");
        operation(operations, "resumeLaneJob", "receive", "laneResume", "The same, in a lane.");
        operation(operations, "takeCommand", "receive", "commands", "A backend cancels a job.");
        operation(operations, "tellEvents", "send", "events", "Backends and dashboards follow.");
        operation(operations, "tellProgress", "send", "progress", "Dashboards follow.");
        operation(
                operations, "tellStatus", "send", "workers", "Dashboards and autoscalers follow.");

        ObjectNode messages = document.putObject("components").putObject("messages");
        message(messages, "job", "A job", "job-record")
                .put("contentType", Attributes.STRUCTURED)
                .put(
                        "description",
                        "The key is the job's id. The value is a structured CloudEvent whose data"
                                + " holds `job`, and `attempts` and `handBacks` once the fleet"
                                + " added them; or, simpler to write, the bare job object. Headers"
                                + " are not read.");
        EventType.all()
                .forEach(type ->
                        binary(
                                message(
                                        messages,
                                        type.name(),
                                        "The job's event `" + type.name() + "`",
                                        "event-" + type.name()),
                                type.type()));
        binary(
                message(messages, "cancel", "Ends a job wherever it is", "command")
                        .put("description", "The value says everything; headers may be left out."),
                CommandCodec.CANCEL_TYPE);
        binary(
                message(messages, "workerStatus", "A worker's status", "worker-status"),
                WorkerStatusCodec.TYPE);
        return document;
    }

    private static void channel(
            ObjectNode channels, String name, String topic, String text, List<String> messages) {
        ObjectNode channel =
                channels.putObject(name).put("address", topic).put("description", text);
        ObjectNode references = channel.putObject("messages");
        messages.forEach(m -> reference(references.putObject(m), "#/components/messages/" + m));
    }

    private static void laned(ObjectNode channels, String name, String topic, String text) {
        channel(channels, name, topic.replace(".lane", ".{lane}"), text, List.of("job"));
        channels.withObjectProperty(name)
                .putObject("parameters")
                .putObject("lane")
                .put("description", "A pool of workers with one catalogue.");
    }

    private static void operation(
            ObjectNode operations, String name, String action, String channel, String text) {
        ObjectNode operation = operations.putObject(name).put("action", action);
        reference(operation.putObject("channel"), "#/channels/" + channel);
        operation.put("summary", text);
    }

    private static ObjectNode message(
            ObjectNode messages, String name, String title, String schemaFile) {
        ObjectNode message = messages.putObject(name).put("name", name).put("title", title);
        ObjectNode payload =
                message.putObject("payload")
                        .put("schemaFormat", "application/schema+json;version=draft-2020-12");
        reference(payload.putObject("schema"), "./" + schemaFile + ".schema.json");
        message.putObject("bindings")
                .putObject("kafka")
                .putObject("key")
                .put("type", "string")
                .put("description", "The id of what the message is about.");
        return message;
    }

    private static void binary(ObjectNode message, String type) {
        ObjectNode attributes = Attributes.FIELDS.schema(UnknownFields.IGNORED);
        ObjectNode headers = message.putObject("headers").put("type", "object");
        ObjectNode properties = headers.putObject("properties");
        attributes
                .path("properties")
                .properties()
                .forEach(e -> properties.set(Attributes.header(e.getKey()), e.getValue()));
        properties.withObjectProperty("ce_type").put("const", type);
        ArrayNode required = headers.putArray("required");
        attributes.path("required").forEach(n -> required.add(Attributes.header(n.asText())));
    }

    private static void reference(ObjectNode at, String target) {
        at.put("$ref", target);
    }
}
