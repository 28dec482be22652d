package dev.darkroom.protocol.job;

import static dev.darkroom.protocol.json.Field.named;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.json.ChoiceShape;
import dev.darkroom.protocol.json.Field;
import dev.darkroom.protocol.json.Fields;
import dev.darkroom.protocol.json.FlagShape;
import dev.darkroom.protocol.json.IntegerShape;
import dev.darkroom.protocol.json.ListShape;
import dev.darkroom.protocol.json.MapShape;
import dev.darkroom.protocol.json.MomentShape;
import dev.darkroom.protocol.json.ObjectShape;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.TextShape;
import dev.darkroom.protocol.json.UnknownFields;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The field tables of a job and of what travels beside it: names, types, ranges and defaults. The
/// codec, the builder and the JSON Schema all come from here. A field at its default is not
/// written.
public final class JobFields {
    /// A spec, whichever its kind.
    public static final Shape<Spec> SPEC = SpecFields.SPEC;

    /// A job's id.
    public static final Shape<JobId> JOB_ID =
            TextShape.matching(JobId.LEGAL, 128).as(JobId::new, JobId::value);

    /// A model's name.
    public static final Shape<ModelId> MODEL_ID =
            TextShape.matching(ModelId.LEGAL, 128).as(ModelId::new, ModelId::value);

    /// A code, by its name.
    public static final Shape<FailureCode> FAILURE_CODE =
            new ChoiceShape<>(Arrays.asList(FailureCode.values()), FailureCode::name);

    /// A job's labels.
    public static final Shape<Map<String, String>> LABELS =
            new MapShape<>(
                    new TextShape(
                            64,
                            Pattern.compile("[A-Za-z0-9._/-]{1,64}"),
                            "1 to 64 letters, digits, . _ / -"),
                    TextShape.upTo(256),
                    32);

    static final Field<Output, OutputFormat> FORMAT = format(anyFormat());
    static final Field<Output, Integer> QUALITY =
            named("quality", "Of a lossy encoding.")
                    .optional(IntegerShape.between(1, 100), Output::quality);
    static final Field<Output, SampleFormat> SAMPLE_FORMAT =
            named("sampleFormat", "How uncompressed samples are stored.")
                    .optional(
                            new ChoiceShape<>(
                                    Arrays.asList(SampleFormat.values()),
                                    f -> f.name().toLowerCase(Locale.ROOT)),
                            Output::sampleFormat);
    static final Field<Output, String> PREFIX =
            named("prefix", "Put before the job's id in every object key.")
                    .defaulted(
                            new TextShape(
                                    512,
                                    Pattern.compile(
                                            "(?!.*\\.\\.)(?:[A-Za-z0-9_=-][A-Za-z0-9._=-]*/)*"),
                                    "empty, or at most 512 characters: names of letters, digits,"
                                            + " _ = - and inner dots (not ..), each followed by /"),
                            Output::prefix,
                            "");

    private static final Shape<Output> ANY_OUTPUT =
            output(Fields.of(FORMAT, QUALITY, SAMPLE_FORMAT, PREFIX));
    private static final Shape<Output> PICTURE_OUTPUT =
            output(Fields.of(format(formatsOf(Kind.IMAGE)), QUALITY, PREFIX));
    private static final Shape<Output> SOUND_OUTPUT =
            output(Fields.of(format(formatsOf(Kind.AUDIO)), QUALITY, SAMPLE_FORMAT, PREFIX));
    private static final Shape<Output> VIDEO_OUTPUT =
            output(Fields.of(format(formatsOf(Kind.VIDEO)), QUALITY, PREFIX));

    static final Field<ProgressOptions, Integer> EVERY_STEPS =
            named("everySteps", "Report at every how many steps.")
                    .defaulted(
                            IntegerShape.atLeast(1),
                            ProgressOptions::everySteps,
                            ProgressOptions.DEFAULT.everySteps());
    static final Field<ProgressOptions, Boolean> PREVIEW =
            named("preview", "With a small picture or waveform where the model has them.")
                    .defaulted(
                            new FlagShape(),
                            ProgressOptions::preview,
                            ProgressOptions.DEFAULT.preview());
    private static final Shape<ProgressOptions> PROGRESS_OPTIONS =
            new ObjectShape<>(
                    Fields.of(EVERY_STEPS, PREVIEW),
                    v -> new ProgressOptions(v.get(EVERY_STEPS), v.get(PREVIEW)));

    static final Field<Job, Integer> SPEC_VERSION =
            named("specVersion", "Version of this format.")
                    .required(
                            IntegerShape.between(Job.SPEC_VERSION, Job.SPEC_VERSION),
                            Job::specVersion);
    static final Field<Job, JobId> ID =
            named("id", "Chosen by the submitter: the idempotency key, and the record's key.")
                    .required(JOB_ID, Job::id);
    static final Field<Job, ModelId> MODEL =
            named("model", "A name in the lane's catalogue.").required(MODEL_ID, Job::model);
    static final Field<Job, Spec> SPEC_FIELD =
            named("spec", "What to make.").required(SPEC, Job::spec);
    static final Field<Job, ProgressOptions> PROGRESS =
            named("progress", "What progress to report.")
                    .defaulted(PROGRESS_OPTIONS, Job::progress, ProgressOptions.DEFAULT);
    static final Field<Job, Instant> DEADLINE =
            named("deadline", "Past it the job fails, wherever it is.")
                    .optional(new MomentShape(), Job::deadline);
    static final Field<Job, Integer> MAX_ATTEMPTS =
            named("maxAttempts", "Real failures after which the job fails for good.")
                    .defaulted(IntegerShape.atLeast(1), Job::maxAttempts, Job.DEFAULT_MAX_ATTEMPTS);
    static final Field<Job, Map<String, String>> JOB_LABELS =
            named("labels", "Echoed in every event, never interpreted.")
                    .defaulted(LABELS, Job::labels, Map.of());
    static final Field<Job, Output> OUTPUT = outputOf(ANY_OUTPUT);

    private static final Shape<Job> PICTURE_JOB = job(outputOf(PICTURE_OUTPUT));
    private static final Shape<Job> SOUND_JOB = job(outputOf(SOUND_OUTPUT));
    private static final Shape<Job> VIDEO_JOB = job(outputOf(VIDEO_OUTPUT));
    private static final Shape<Job> ANY_JOB = job(OUTPUT);

    /// A job, whichever its kind.
    public static final Shape<Job> JOB = new JobShape();

    private static final Field<Attempt, Instant> ATTEMPT_AT =
            named("at", "When.").required(new MomentShape(), Attempt::at);
    private static final Field<Attempt, String> ATTEMPT_WORKER =
            named("worker", "Where.").required(TextShape.upTo(256), Attempt::worker);
    private static final Field<Attempt, FailureCode> ATTEMPT_CODE =
            named("code", "Why.").required(FAILURE_CODE, Attempt::code);
    private static final Shape<Attempt> ATTEMPT =
            new ObjectShape<>(
                    Fields.of(ATTEMPT_AT, ATTEMPT_WORKER, ATTEMPT_CODE),
                    v ->
                            new Attempt(
                                    v.get(ATTEMPT_AT), v.get(ATTEMPT_WORKER), v.get(ATTEMPT_CODE)));

    private static final Field<HandBacks, Integer> HAND_BACK_COUNT =
            named("count", "Hand-backs so far.")
                    .required(IntegerShape.atLeast(0), HandBacks::count);
    private static final Field<HandBacks, String> CHECKPOINT =
            named("checkpoint", "Address of the last checkpoint; absent: start over.")
                    .optional(TextShape.upTo(4096), HandBacks::checkpoint);
    private static final Shape<HandBacks> HAND_BACKS =
            new ObjectShape<>(
                    Fields.of(HAND_BACK_COUNT, CHECKPOINT),
                    v -> new HandBacks(v.get(HAND_BACK_COUNT), v.find(CHECKPOINT)));

    private static final Field<JobEnvelope, Job> ENVELOPE_JOB =
            named("job", "What the backend asked for.").required(JOB, JobEnvelope::job);
    private static final Field<JobEnvelope, List<Attempt>> ATTEMPTS =
            named("attempts", "One entry per real failure so far; written by the fleet.")
                    .defaulted(new ListShape<>(ATTEMPT, 1000), JobEnvelope::attempts, List.of());
    private static final Field<JobEnvelope, HandBacks> ENVELOPE_HAND_BACKS =
            named("handBacks", "Hand-backs so far; written by the fleet.")
                    .defaulted(HAND_BACKS, JobEnvelope::handBacks, HandBacks.NONE);

    /// A job and what the fleet adds, without the trace context, which is an attribute of the
    /// CloudEvent around it.
    public static final Shape<JobEnvelope> ENVELOPE =
            new ObjectShape<>(
                    Fields.of(ENVELOPE_JOB, ATTEMPTS, ENVELOPE_HAND_BACKS),
                    v ->
                            new JobEnvelope(
                                    v.get(ENVELOPE_JOB),
                                    v.get(ATTEMPTS),
                                    v.get(ENVELOPE_HAND_BACKS),
                                    null));

    private JobFields() {}

    private static Shape<OutputFormat> anyFormat() {
        return new ChoiceShape<>(Arrays.asList(OutputFormat.values()), OutputFormat::wireName);
    }

    private static Shape<OutputFormat> formatsOf(Kind kind) {
        return new ChoiceShape<>(
                Arrays.stream(OutputFormat.values()).filter(f -> f.kind() == kind).toList(),
                OutputFormat::wireName);
    }

    private static Field<Output, OutputFormat> format(Shape<OutputFormat> shape) {
        return named("format", "How outputs are encoded; absent: png, wav or mp4 by kind.")
                .optional(shape, Output::format);
    }

    private static Shape<Output> output(Fields<Output> fields) {
        return new ObjectShape<>(
                fields,
                v ->
                        new Output(
                                v.find(FORMAT),
                                v.find(QUALITY),
                                v.find(SAMPLE_FORMAT),
                                v.get(PREFIX)));
    }

    private static Field<Job, Output> outputOf(Shape<Output> shape) {
        return named("output", "How and where to store it.")
                .defaulted(shape, Job::output, Output.DEFAULT);
    }

    private static Shape<Job> job(Field<Job, Output> output) {
        return new ObjectShape<>(
                Fields.of(
                        SPEC_VERSION,
                        ID,
                        MODEL,
                        SPEC_FIELD,
                        output,
                        PROGRESS,
                        DEADLINE,
                        MAX_ATTEMPTS,
                        JOB_LABELS),
                v ->
                        new Job(
                                v.get(SPEC_VERSION),
                                v.get(ID),
                                v.get(MODEL),
                                v.get(SPEC_FIELD),
                                v.get(output),
                                v.get(PROGRESS),
                                v.find(DEADLINE),
                                v.get(MAX_ATTEMPTS),
                                v.get(JOB_LABELS)));
    }

    /// A job, whose kind says which outputs there may be.
    private static final class JobShape implements Shape<Job> {
        @Override
        public @Nullable Job read(JsonNode node, Reading at) {
            Kind kind = SpecFields.kindOf(node.path(SPEC_FIELD.name()));
            return (kind == null ? ANY_JOB : of(kind)).read(node, at.atRoot());
        }

        @Override
        public JsonNode write(Job value) {
            return of(value.spec().kind()).write(value);
        }

        @Override
        public String legal() {
            return "a job object";
        }

        @Override
        public ObjectNode schema(UnknownFields unknown) {
            ObjectNode schema = ANY_JOB.schema(unknown);
            ArrayNode kinds = schema.putArray("allOf");
            for (Kind kind : Kind.values()) {
                ObjectNode rule = kinds.addObject();
                rule.putObject("if")
                        .putObject("properties")
                        .putObject("spec")
                        .putObject("properties")
                        .putObject("kind")
                        .put("const", kind.wireName());
                rule.putObject("then")
                        .putObject("properties")
                        .set(OUTPUT.name(), outputShape(kind).schema(unknown));
            }
            return schema;
        }

        private static Shape<Job> of(Kind kind) {
            return switch (kind) {
                case IMAGE -> PICTURE_JOB;
                case AUDIO -> SOUND_JOB;
                case VIDEO -> VIDEO_JOB;
            };
        }

        private static Shape<Output> outputShape(Kind kind) {
            return switch (kind) {
                case IMAGE -> PICTURE_OUTPUT;
                case AUDIO -> SOUND_OUTPUT;
                case VIDEO -> VIDEO_OUTPUT;
            };
        }
    }
}
