package dev.darkroom.protocol.codec;

import static dev.darkroom.protocol.json.Field.named;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.event.EventType;
import dev.darkroom.protocol.event.InputDigest;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.event.Manifest.Recipe;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobFields;
import dev.darkroom.protocol.json.Field;
import dev.darkroom.protocol.json.Fields;
import dev.darkroom.protocol.json.IntegerShape;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.ObjectShape;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.TextShape;
import dev.darkroom.protocol.json.UnknownFields;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Manifests: one JSON object in the store, holding the job's digest, how to make its outputs
/// again, and its complete terminal event as a structured CloudEvent.
public final class ManifestCodec {
    private static final int VERSION = 1;

    private static final Field<Manifest, Integer> MANIFEST_VERSION =
            named("manifestVersion", "Version of this format.")
                    .required(IntegerShape.between(VERSION, VERSION), _ -> VERSION);
    private static final Field<Manifest, String> JOB_DIGEST =
            named(
                            "jobDigest",
                            "Digest of the canonical JSON of the job that was run; absent: the"
                                    + " record could not be decoded.")
                    .defaulted(
                            new TextShape(
                                    71,
                                    Pattern.compile("(sha256:[0-9a-f]{64})?"),
                                    "sha256: and 64 hexadecimal digits"),
                            Manifest::jobDigest,
                            "");
    private static final Field<Recipe, Job> JOB =
            named("job", "The job with every default filled in, the seed too.")
                    .required(JobFields.JOB, Recipe::job);
    private static final Field<Recipe, String> MODEL_DIGEST =
            named("modelDigest", "Digest over the files of the model that made the outputs.")
                    .required(TextShape.ANY, Recipe::modelDigest);
    private static final Field<Recipe, List<InputDigest>> INPUTS =
            named("inputs", "Digests of the files that the job names, as they were fetched.")
                    .defaulted(EventType.INPUT_DIGESTS, Recipe::inputs, List.of());
    private static final Field<Manifest, Recipe> RECIPE =
            named("recipe", "How to make the outputs again; absent: there are none.")
                    .optional(
                            new ObjectShape<>(
                                    Fields.of(JOB, MODEL_DIGEST, INPUTS),
                                    v ->
                                            new Recipe(
                                                    v.get(JOB),
                                                    v.get(MODEL_DIGEST),
                                                    v.get(INPUTS))),
                            Manifest::recipe);
    private static final Field<Manifest, Terminal> TERMINAL =
            named("terminal", "The complete terminal event, as a structured CloudEvent.")
                    .required(new TerminalShape(), Manifest::terminal);

    /// A manifest.
    static final Shape<Manifest> SHAPE =
            new ObjectShape<>(
                    Fields.of(MANIFEST_VERSION, JOB_DIGEST, RECIPE, TERMINAL),
                    v -> new Manifest(v.get(JOB_DIGEST), v.find(RECIPE), v.get(TERMINAL)));

    private ManifestCodec() {}

    /// Writes a manifest.
    public static byte[] encode(Manifest manifest) {
        return Json.write(SHAPE.write(manifest));
    }

    /// Reads a manifest.
    ///
    /// @throws MalformedMessageException when it is none
    public static Manifest decode(byte[] bytes) {
        return Documents.read("manifest", Documents.parse("manifest", bytes), SHAPE::read);
    }

    private record TerminalShape() implements Shape<Terminal> {
        @Override
        public @Nullable Terminal read(JsonNode node, Reading at) {
            JobEvent event = EventCodec.read(node, at);
            if (event != null && !(event instanceof Terminal)) {
                at.at("type").refuse(node.path("type"), legal());
            }
            return event instanceof Terminal terminal ? terminal : null;
        }

        @Override
        public JsonNode write(Terminal value) {
            return EventCodec.encodeStructured(value);
        }

        @Override
        public String legal() {
            return "a completed, failed or cancelled event";
        }

        @Override
        public ObjectNode schema(UnknownFields unknown) {
            ObjectNode schema = Json.object();
            ArrayNode ends = schema.putArray("oneOf");
            Stream.of(EventType.COMPLETED, EventType.FAILED, EventType.CANCELLED)
                    .forEach(type -> ends.add(EventCodec.structuredSchema(type, unknown)));
            return schema;
        }
    }
}
