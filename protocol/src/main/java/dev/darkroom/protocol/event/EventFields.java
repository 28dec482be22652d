package dev.darkroom.protocol.event;

import static dev.darkroom.protocol.json.Field.named;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.event.Artifact.Dimensions;
import dev.darkroom.protocol.event.Artifact.Stored;
import dev.darkroom.protocol.event.Artifact.StoredObject;
import dev.darkroom.protocol.event.Artifact.Withheld;
import dev.darkroom.protocol.failure.Category;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.JobFields;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.SeedShape;
import dev.darkroom.protocol.json.ChoiceShape;
import dev.darkroom.protocol.json.DecimalShape;
import dev.darkroom.protocol.json.Field;
import dev.darkroom.protocol.json.Fields;
import dev.darkroom.protocol.json.IntegerShape;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.ListShape;
import dev.darkroom.protocol.json.ObjectShape;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.TextShape;
import dev.darkroom.protocol.json.UnknownFields;
import dev.darkroom.protocol.json.Values;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The field tables of what several events hold: failures, artifacts, times.
final class EventFields {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final Shape<Integer> AT_LEAST_ZERO = IntegerShape.atLeast(0);
    private static final Shape<Integer> AT_LEAST_ONE = IntegerShape.atLeast(1);

    /// A stage, by its name.
    static final Shape<Stage> STAGE =
            new ChoiceShape<>(Arrays.asList(Stage.values()), EventFields::wireName);

    private static final Field<Violation, String> FIELD =
            named("field", "Path of the field in the job.")
                    .required(TextShape.ANY, Violation::field);
    private static final Field<Violation, String> VALUE =
            named("value", "The value as written, shortened when long; absent: it is missing.")
                    .defaulted(TextShape.ANY, Violation::value, "");
    private static final Field<Violation, String> LEGAL =
            named("legal", "What would have been legal.").required(TextShape.ANY, Violation::legal);
    private static final Shape<Violation> VIOLATION =
            new ObjectShape<>(
                    Fields.of(FIELD, VALUE, LEGAL),
                    v -> new Violation(v.get(FIELD), v.get(VALUE), v.get(LEGAL)));

    private static final Field<Failure, FailureCode> CODE =
            named("code", "The stable reason.").required(JobFields.FAILURE_CODE, Failure::code);
    private static final Field<Failure, Category> CATEGORY =
            named("category", "Whose fault it is; follows from the code.")
                    .required(
                            new ChoiceShape<>(Arrays.asList(Category.values()), Category::name),
                            f -> f.code().category());
    private static final Field<Failure, String> MESSAGE =
            named("message", "For a person, with the offending values.")
                    .required(TextShape.ANY, Failure::message);
    private static final Field<Failure, List<Violation>> VIOLATIONS =
            named("violations", "What is wrong with which field.")
                    .defaulted(
                            new ListShape<>(VIOLATION, Integer.MAX_VALUE),
                            Failure::violations,
                            List.of());

    /// The fields of a failure.
    static final Fields<Failure> FAILURE_FIELDS = Fields.of(CODE, CATEGORY, MESSAGE, VIOLATIONS);

    /// A failure as an object of its own.
    static final Shape<Failure> FAILURE =
            new ObjectShape<>(FAILURE_FIELDS, EventFields::readFailure);

    /// Wall time by stage.
    static final Shape<Map<Stage, Duration>> STAGE_SECONDS = stageSeconds();

    private static final Shape<String> DIGEST =
            new TextShape(64, Pattern.compile("[0-9a-f]{64}"), "64 hexadecimal digits");

    private static final Field<InputDigest, String> INPUT_FIELD =
            named("field", "Path of the field in the job that names the input.")
                    .required(TextShape.ANY, InputDigest::field);
    private static final Field<InputDigest, String> INPUT_SHA256 =
            named("sha256", "Digest of the file.").required(DIGEST, InputDigest::sha256);

    /// Digests of a job's inputs.
    static final Shape<List<InputDigest>> INPUTS =
            new ListShape<>(
                    new ObjectShape<>(
                            Fields.of(INPUT_FIELD, INPUT_SHA256),
                            v -> new InputDigest(v.get(INPUT_FIELD), v.get(INPUT_SHA256))),
                    Integer.MAX_VALUE);

    private static final Field<Artifact, Integer> INDEX =
            named("index", "Index of the output, from 0.").required(AT_LEAST_ZERO, Artifact::index);
    private static final Field<Artifact, Seed> SEED =
            named("seed", "Seed of this output: the job's plus the index.")
                    .required(new SeedShape(), Artifact::seed);
    private static final Field<StoredObject, String> URI =
            named("uri", "s3://bucket/key").required(TextShape.ANY, StoredObject::uri);
    private static final Field<StoredObject, String> MEDIA_TYPE =
            named("mediaType", "MIME type.").required(TextShape.ANY, StoredObject::mediaType);
    private static final Field<StoredObject, Long> BYTES =
            named("bytes", "Length.")
                    .required(new IntegerShape(0, Long.MAX_VALUE), StoredObject::bytes);
    private static final Field<StoredObject, String> SHA256 =
            named("sha256", "Digest of the content.").required(DIGEST, StoredObject::sha256);
    private static final Field<Dimensions, Integer> WIDTH =
            named("width", "Pixels of a picture or frame.")
                    .optional(AT_LEAST_ONE, Dimensions::width);
    private static final Field<Dimensions, Integer> HEIGHT =
            named("height", "Pixels of a picture or frame.")
                    .optional(AT_LEAST_ONE, Dimensions::height);
    private static final Field<Dimensions, Double> SECONDS =
            named("seconds", "Length in time.")
                    .optional(DecimalShape.atLeast(0), Dimensions::seconds);
    private static final Field<Dimensions, Integer> FRAMES =
            named("frames", "Frames of a video.").optional(AT_LEAST_ONE, Dimensions::frames);
    private static final Field<Withheld, FailureCode> WITHHELD =
            named("withheld", "Why this output was not delivered while others were.")
                    .required(JobFields.FAILURE_CODE, Withheld::code);
    private static final Field<Withheld, String> REASON =
            named(
                            "reason",
                            "What is wrong with this output and what was tried, for a person: what"
                                    + " follows `output 1 …`.")
                    .defaulted(TextShape.ANY, Withheld::reason, "");

    private static final Shape<Stored> STORED =
            new ObjectShape<>(
                    Fields.<Artifact>of(INDEX, SEED)
                            .<Stored>and(
                                    Fields.of(URI, MEDIA_TYPE, BYTES, SHA256)
                                            .within(Stored::object))
                            .and(
                                    Fields.of(WIDTH, HEIGHT, SECONDS, FRAMES)
                                            .within(Stored::dimensions)),
                    v ->
                            new Stored(
                                    v.get(INDEX),
                                    v.get(SEED),
                                    new StoredObject(
                                            v.get(URI),
                                            v.get(MEDIA_TYPE),
                                            v.get(BYTES),
                                            v.get(SHA256)),
                                    new Dimensions(
                                            v.find(WIDTH),
                                            v.find(HEIGHT),
                                            v.find(SECONDS),
                                            v.find(FRAMES))));
    private static final Shape<Withheld> WITHHELD_OUTPUT =
            new ObjectShape<>(
                    Fields.<Artifact>of(INDEX, SEED).<Withheld>and(Fields.of(WITHHELD, REASON)),
                    v -> new Withheld(v.get(INDEX), v.get(SEED), v.get(WITHHELD), v.get(REASON)));

    /// One output, stored or withheld: the field `withheld` tells which.
    static final Shape<Artifact> ARTIFACT = new ArtifactShape();

    private EventFields() {}

    /// The failure whose fields were read.
    static Failure readFailure(Values v) {
        return new Failure(v.get(CODE), v.get(MESSAGE), v.get(VIOLATIONS));
    }

    private static String wireName(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }

    private static Shape<Map<Stage, Duration>> stageSeconds() {
        Shape<Duration> seconds =
                DecimalShape.between(0, Integer.MAX_VALUE)
                        .as(
                                s -> Duration.ofNanos(Math.round(s * NANOS_PER_SECOND)),
                                d -> d.toNanos() / NANOS_PER_SECOND);
        Map<Stage, Field<Map<Stage, Duration>, Duration>> fields = new EnumMap<>(Stage.class);
        Fields<Map<Stage, Duration>> table = Fields.of();
        for (Stage stage : Stage.values()) {
            Field<Map<Stage, Duration>, Duration> field =
                    named(wireName(stage), "Seconds in this stage; absent: not gone through.")
                            .optional(seconds, times -> times.get(stage));
            fields.put(stage, field);
            table = table.and(Fields.of(field));
        }
        return new ObjectShape<>(
                table,
                v -> {
                    Map<Stage, Duration> times = new EnumMap<>(Stage.class);
                    fields.forEach((stage, field) -> {
                        Duration time = v.find(field);
                        if (time != null) {
                            times.put(stage, time);
                        }
                    });
                    return times;
                });
    }

    private static final class ArtifactShape implements Shape<Artifact> {
        @Override
        public @Nullable Artifact read(JsonNode node, Reading at) {
            return node.has(WITHHELD.name())
                    ? WITHHELD_OUTPUT.read(node, at)
                    : STORED.read(node, at);
        }

        @Override
        public JsonNode write(Artifact value) {
            return switch (value) {
                case Stored stored -> STORED.write(stored);
                case Withheld withheld -> WITHHELD_OUTPUT.write(withheld);
            };
        }

        @Override
        public String legal() {
            return "an output, stored or withheld";
        }

        @Override
        public ObjectNode schema(UnknownFields unknown) {
            ObjectNode schema = Json.object();
            ArrayNode forms = schema.putArray("oneOf");
            forms.add(STORED.schema(unknown));
            forms.add(WITHHELD_OUTPUT.schema(unknown));
            return schema;
        }
    }
}
