package dev.darkroom.protocol.codec;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.event.EventType;
import dev.darkroom.protocol.job.JobFields;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.UnknownFields;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// The schema files as the field tables have them.
final class SchemaFiles {
    /// Where they lie, from the module's folder.
    static final Path FOLDER = Path.of("src/main/resources/dev/darkroom/protocol/schema");

    private SchemaFiles() {}

    /// Every file, by its name.
    static Map<String, String> all() {
        Map<String, ObjectNode> files = new LinkedHashMap<>();
        files.put("job", titled("job", "A job", JobFields.JOB.schema(UnknownFields.REFUSED)));
        files.put("job-record", titled("job-record", "The value of a job record", jobRecord()));
        EventType.all()
                .forEach(type ->
                        files.put(
                                "event-" + type.name(),
                                titled(
                                        "event-" + type.name(),
                                        "The data of a `" + type.name() + "` event",
                                        type.schema(UnknownFields.IGNORED))));
        files.put(
                "command",
                titled("command", "A command", CommandCodec.SHAPE.schema(UnknownFields.IGNORED)));
        files.put(
                "worker-status",
                titled(
                        "worker-status",
                        "A worker's status",
                        WorkerStatusCodec.SHAPE.schema(UnknownFields.IGNORED)));
        files.put(
                "manifest",
                titled(
                        "manifest",
                        "The committed outcome of a job",
                        ManifestCodec.SHAPE.schema(UnknownFields.IGNORED)));

        Map<String, String> texts = new LinkedHashMap<>();
        files.forEach((name, schema) -> texts.put(name + ".schema.json", pretty(schema)));
        texts.put("asyncapi.json", pretty(AsyncApi.document()));
        return texts;
    }

    /// JSON as it is checked in.
    static String pretty(JsonNode node) {
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        printer.indentObjectsWith(indenter);
        printer.indentArraysWith(indenter);
        try {
            return new ObjectMapper().writer(printer).writeValueAsString(node) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree can always be written", e);
        }
    }

    private static ObjectNode jobRecord() {
        ObjectNode event = Attributes.FIELDS.schema(UnknownFields.IGNORED);
        ObjectNode properties = event.withObjectProperty("properties");
        properties.withObjectProperty("type").put("const", JobCodec.TYPE);
        properties.set("data", JobFields.ENVELOPE.schema(UnknownFields.REFUSED));
        event.withArrayProperty("required").add("data");
        event.put("description", "A structured CloudEvent: what this library and the fleet write.");

        ObjectNode bare = JobFields.JOB.schema(UnknownFields.REFUSED);
        bare.put("description", "A bare job: the simplest thing that a backend can write.");

        ObjectNode record = Json.object();
        ArrayNode forms = record.putArray("oneOf");
        forms.add(event);
        forms.add(bare);
        return record;
    }

    private static ObjectNode titled(String name, String title, ObjectNode schema) {
        ObjectNode file =
                Json.object()
                        .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                        .put("$id", "urn:darkroom:schema:" + name)
                        .put("title", title);
        file.setAll(schema);
        return file;
    }
}
