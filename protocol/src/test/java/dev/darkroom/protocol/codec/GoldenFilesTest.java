package dev.darkroom.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.darkroom.protocol.event.EventType;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.MalformedJsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GoldenFilesTest {
    private static final Path FOLDER = Path.of("src/test/resources/golden");

    @ParameterizedTest
    @MethodSource("jobs")
    void jobIsWrittenAsItWasRead(Path file) throws IOException {
        byte[] wire = wire(file);

        assertThat(JobCodec.encode(JobCodec.decode(wire))).asString().isEqualTo(text(wire));
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void manifestIsWrittenAsItWasRead(Path file) throws IOException {
        byte[] wire = wire(file);

        assertThat(ManifestCodec.encode(ManifestCodec.decode(wire)))
                .asString()
                .isEqualTo(text(wire));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void messageIsWrittenAsItWasRead(Path file) throws IOException {
        String golden = Files.readString(file);
        JsonNode message = parse(golden);
        byte[] value = Json.write(message.path("value"));
        Map<String, String> headers = headers(message);

        Message again =
                switch (kind(file)) {
                    case "event" -> EventCodec.encode(EventCodec.decode(headers, value));
                    case "command" -> CommandCodec.encode(CommandCodec.decode(headers, value));
                    case "status" ->
                            WorkerStatusCodec.encode(WorkerStatusCodec.decode(headers, value));
                    case String other -> throw new IllegalStateException("no golden " + other);
                };

        assertThat(parse(text(again.value()))).isEqualTo(message.path("value"));
        assertThat(text(again.value())).isEqualTo(text(value));
        assertThat(again.key()).isEqualTo(message.path("key").asText());
        assertThat(again.headers()).containsExactlyEntriesOf(headers);
    }

    @ParameterizedTest
    @MethodSource("events")
    void eventSurvivesItsStructuredForm(Path file) throws IOException {
        JsonNode message = parse(Files.readString(file));
        JobEvent event = EventCodec.decode(headers(message), Json.write(message.path("value")));

        assertThat(EventCodec.decodeStructured(EventCodec.encodeStructured(event)))
                .isEqualTo(event);
    }

    @ParameterizedTest
    @MethodSource("all")
    void fileMeetsItsSchema(Path file) throws IOException {
        JsonNode content = parse(Files.readString(file));
        boolean isMessage = content.has("headers");

        JsonNode judged = isMessage ? content.path("value") : content;

        assertThat(schema(file, content).validate(judged.toString(), InputFormat.JSON)).isEmpty();
    }

    @Test
    void everyKindOfEventHasAGoldenFile() {
        try (Stream<Path> files = events()) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsAll(EventType.all().map(t -> "event-" + t.name() + ".json").toList());
        }
    }

    private static JsonSchema schema(Path file, JsonNode content) throws IOException {
        String name =
                switch (kind(file)) {
                    case "job" -> "job-record";
                    case "event" ->
                            "event-"
                                    + EventType.ofType(content.at("/headers/ce_type").asText())
                                            .orElseThrow()
                                            .name();
                    case "status" -> "worker-status";
                    case String same -> same;
                };
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
                .getSchema(Files.readString(SchemaFiles.FOLDER.resolve(name + ".schema.json")));
    }

    private static Map<String, String> headers(JsonNode message) {
        Map<String, String> headers = new LinkedHashMap<>();
        ((ObjectNode) message.path("headers"))
                .properties()
                .forEach(e -> headers.put(e.getKey(), e.getValue().asText()));
        return headers;
    }

    private static String kind(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.indexOf('-'));
    }

    private static byte[] wire(Path file) throws IOException {
        return Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static JsonNode parse(String text) {
        try {
            return Json.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (MalformedJsonException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Stream<Path> jobs() {
        return all("job");
    }

    private static Stream<Path> manifests() {
        return all("manifest");
    }

    private static Stream<Path> events() {
        return all("event");
    }

    private static Stream<Path> messages() {
        return Stream.of("event", "command", "status").flatMap(GoldenFilesTest::all);
    }

    private static Stream<Path> all() {
        return Stream.of("job", "manifest", "event", "command", "status")
                .flatMap(GoldenFilesTest::all);
    }

    private static Stream<Path> all(String kind) {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(f -> kind(f).equals(kind)).sorted().toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
