package dev.darkroom.protocol.event;

import static dev.darkroom.protocol.json.Field.named;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.event.JobEvent.Cancelled;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Failed;
import dev.darkroom.protocol.event.JobEvent.HandedBack;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.JobEvent.Retrying;
import dev.darkroom.protocol.event.JobEvent.Started;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.job.JobFields;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.json.DecimalShape;
import dev.darkroom.protocol.json.Field;
import dev.darkroom.protocol.json.Fields;
import dev.darkroom.protocol.json.IntegerShape;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.ListShape;
import dev.darkroom.protocol.json.MomentShape;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.TextShape;
import dev.darkroom.protocol.json.UnknownFields;
import dev.darkroom.protocol.json.Values;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A kind of event: its name on the wire, and the field table of its data.
///
/// @param <E> the event
public final class EventType<E extends JobEvent> {
    /// Digests of a job's inputs, as events and manifests list them.
    public static final Shape<List<InputDigest>> INPUT_DIGESTS = EventFields.INPUTS;

    private static final String PREFIX = "dev.darkroom.job.";
    private static final String SUFFIX = ".v1";

    private static final Field<EventHeader, Integer> ATTEMPT =
            named("attempt", "Number of the attempt, from 1.")
                    .required(IntegerShape.atLeast(1), EventHeader::attempt);
    private static final Field<EventHeader, Integer> HAND_BACKS =
            named("handBacks", "Hand-backs so far.")
                    .required(IntegerShape.atLeast(0), EventHeader::handBacks);
    private static final Field<EventHeader, RunId> RUN =
            named(
                            "run",
                            "Names what one worker makes of one delivery; later runs sort after"
                                    + " earlier ones.")
                    .required(
                            new TextShape(64, RunId.LEGAL, "1 to 64 of 0-9, a-z and -")
                                    .as(RunId::new, RunId::value),
                            EventHeader::run);
    private static final Field<EventHeader, Long> SEQUENCE =
            named("sequence", "Rises within a run, from 0.")
                    .required(new IntegerShape(0, Long.MAX_VALUE), EventHeader::sequence);
    private static final Field<EventHeader, String> WORKER =
            named("worker", "The worker's id.").required(TextShape.ANY, EventHeader::worker);
    private static final Field<EventHeader, Map<String, String>> LABELS =
            named("labels", "The job's own.")
                    .defaulted(JobFields.LABELS, EventHeader::labels, Map.of());
    private static final Fields<JobEvent> COMMON =
            Fields.of(ATTEMPT, HAND_BACKS, RUN, SEQUENCE, WORKER, LABELS).within(JobEvent::header);

    private static final Field<Started, ModelId> MODEL =
            named("model", "The model.").required(JobFields.MODEL_ID, Started::model);
    private static final Field<Started, String> DEVICE =
            named("device", "For example `cpu` or `cuda:NVIDIA H100`.")
                    .required(TextShape.ANY, Started::device);
    private static final Field<Started, String> MODEL_DIGEST =
            named("modelDigest", "`sha256:` and the digest over the model folder's files.")
                    .required(TextShape.ANY, Started::modelDigest);
    private static final Field<Started, Spec> PARAMETERS =
            named("parameters", "The spec with every default filled in.")
                    .required(JobFields.SPEC, Started::parameters);
    private static final Field<Started, List<InputDigest>> INPUTS =
            named("inputs", "Digests of the files that the parameters name, as they were fetched.")
                    .defaulted(INPUT_DIGESTS, Started::inputs, List.of());
    private static final Field<Started, List<String>> WARNINGS =
            named("warnings", "What the submitter may want to know, such as a prompt that was cut.")
                    .defaulted(
                            new ListShape<>(TextShape.ANY, Integer.MAX_VALUE),
                            Started::warnings,
                            List.of());
    private static final Field<Started, Integer> RESUMED_AT_STEP =
            named("resumedAtStep", "Step at which a checkpoint went on; absent: from the start.")
                    .optional(IntegerShape.atLeast(0), Started::resumedAtStep);

    private static final Field<Progress, Integer> OUTPUT =
            named("output", "Index of the output, from 0; absent: all of them at once.")
                    .optional(IntegerShape.atLeast(0), Progress::output);
    private static final Field<Progress, Stage> STAGE =
            named("stage", "Where on its path the job is.")
                    .required(EventFields.STAGE, Progress::stage);
    private static final Field<Progress, Integer> PROGRESS_STEP =
            step().required(IntegerShape.atLeast(0), Progress::step);
    private static final Field<Progress, Integer> PROGRESS_STEPS =
            named("steps", "Steps of this stage in all.")
                    .required(IntegerShape.atLeast(0), Progress::steps);
    private static final Field<Progress, Double> FRACTION =
            named("fraction", "Share of the whole job that is done; never falls in an attempt.")
                    .required(DecimalShape.between(0, 1), Progress::fraction);
    private static final Field<Progress, Long> ETA_MILLIS =
            named("etaMillis", "Estimated time left; absent: not known yet.")
                    .optional(new IntegerShape(0, Long.MAX_VALUE), Progress::etaMillis);
    private static final Field<Progress, String> PREVIEW =
            named("preview", "Small picture or waveform as a data: URI of at most 8 KiB.")
                    .optional(TextShape.upTo(8192), Progress::preview);

    private static final Field<Retrying, Failure> FAILURE =
            named("failure", "Why.").required(EventFields.FAILURE, Retrying::failure);
    private static final Field<Retrying, Instant> NEXT_ATTEMPT_AT =
            named("nextAttemptAt", "Not before this time.")
                    .required(new MomentShape(), Retrying::nextAttemptAt);

    private static final Field<HandedBack, Integer> HANDED_BACK_STEP =
            step().required(IntegerShape.atLeast(0), HandedBack::step);
    private static final Field<HandedBack, Integer> HANDED_BACK_STEPS =
            named("steps", "Steps in all.").required(IntegerShape.atLeast(0), HandedBack::steps);
    private static final Field<HandedBack, String> CHECKPOINT =
            named("checkpoint", "Address of the saved state; absent: start over.")
                    .optional(TextShape.ANY, HandedBack::checkpoint);

    private static final Field<Completed, List<Artifact>> ARTIFACTS =
            named("artifacts", "One per output, in order.")
                    .required(
                            new ListShape<>(EventFields.ARTIFACT, Integer.MAX_VALUE),
                            Completed::artifacts);
    private static final Field<Completed, Map<Stage, Duration>> STAGE_SECONDS =
            named("stageSeconds", "Wall time of each stage, waits for the device included.")
                    .required(EventFields.STAGE_SECONDS, c -> c.cost().stages());
    private static final Field<Completed, Double> DEVICE_SECONDS =
            named("deviceSeconds", "Device time of the job's rows: its share of shared runs.")
                    .required(DecimalShape.atLeast(0), c -> c.cost().deviceSeconds());
    private static final Field<Completed, String> MANIFEST =
            named("manifest", "Address of the manifest object.")
                    .required(TextShape.ANY, Completed::manifest);

    private static final Field<Cancelled, String> REASON =
            named("reason", "As the cancel command gave it.")
                    .required(TextShape.ANY, Cancelled::reason);
    private static final Field<Cancelled, Integer> CANCELLED_STEP =
            step().required(IntegerShape.atLeast(0), Cancelled::step);
    private static final Field<Cancelled, Integer> CANCELLED_STEPS =
            named("steps", "Steps in all; 0 when it had not begun.")
                    .required(IntegerShape.atLeast(0), Cancelled::steps);

    /// A worker began the job.
    public static final EventType<Started> STARTED =
            new EventType<>(
                    "started",
                    COMMON.and(
                            Fields.of(
                                    MODEL,
                                    DEVICE,
                                    MODEL_DIGEST,
                                    PARAMETERS,
                                    INPUTS,
                                    WARNINGS,
                                    RESUMED_AT_STEP)),
                    (header, v) ->
                            new Started(
                                    header,
                                    v.get(MODEL),
                                    v.get(DEVICE),
                                    v.get(MODEL_DIGEST),
                                    v.get(PARAMETERS),
                                    v.get(INPUTS),
                                    v.get(WARNINGS),
                                    v.find(RESUMED_AT_STEP)));

    /// The job went on a little.
    public static final EventType<Progress> PROGRESS =
            new EventType<>(
                    "progress",
                    COMMON.and(
                            Fields.of(
                                    OUTPUT,
                                    STAGE,
                                    PROGRESS_STEP,
                                    PROGRESS_STEPS,
                                    FRACTION,
                                    ETA_MILLIS,
                                    PREVIEW)),
                    (header, v) ->
                            new Progress(
                                    header,
                                    v.find(OUTPUT),
                                    v.get(STAGE),
                                    v.get(PROGRESS_STEP),
                                    v.get(PROGRESS_STEPS),
                                    v.get(FRACTION),
                                    v.find(ETA_MILLIS),
                                    v.find(PREVIEW)));

    /// The job will be tried again.
    public static final EventType<Retrying> RETRYING =
            new EventType<>(
                    "retrying",
                    COMMON.and(Fields.of(FAILURE, NEXT_ATTEMPT_AT)),
                    (header, v) -> new Retrying(header, v.get(FAILURE), v.get(NEXT_ATTEMPT_AT)));

    /// A worker gave the job back unfinished.
    public static final EventType<HandedBack> HANDED_BACK =
            new EventType<>(
                    "handed-back",
                    COMMON.and(Fields.of(HANDED_BACK_STEP, HANDED_BACK_STEPS, CHECKPOINT)),
                    (header, v) ->
                            new HandedBack(
                                    header,
                                    v.get(HANDED_BACK_STEP),
                                    v.get(HANDED_BACK_STEPS),
                                    v.find(CHECKPOINT)));

    /// The outputs are stored.
    public static final EventType<Completed> COMPLETED =
            new EventType<>(
                    "completed",
                    COMMON.and(Fields.of(ARTIFACTS, STAGE_SECONDS, DEVICE_SECONDS, MANIFEST)),
                    (header, v) ->
                            new Completed(
                                    header,
                                    v.get(ARTIFACTS),
                                    new Cost(v.get(STAGE_SECONDS), v.get(DEVICE_SECONDS)),
                                    v.get(MANIFEST)));

    /// The job ended without outputs.
    public static final EventType<Failed> FAILED =
            new EventType<>(
                    "failed",
                    COMMON.and(EventFields.FAILURE_FIELDS.within(Failed::failure)),
                    (header, v) -> new Failed(header, EventFields.readFailure(v)));

    /// The job was cancelled.
    public static final EventType<Cancelled> CANCELLED =
            new EventType<>(
                    "cancelled",
                    COMMON.and(Fields.of(REASON, CANCELLED_STEP, CANCELLED_STEPS)),
                    (header, v) ->
                            new Cancelled(
                                    header,
                                    v.get(REASON),
                                    v.get(CANCELLED_STEP),
                                    v.get(CANCELLED_STEPS)));

    private static final List<EventType<?>> ALL =
            List.of(STARTED, PROGRESS, RETRYING, HANDED_BACK, COMPLETED, FAILED, CANCELLED);

    private final String name;
    private final Fields<E> data;
    private final BiFunction<EventHeader, Values, E> make;

    private EventType(String name, Fields<E> data, BiFunction<EventHeader, Values, E> make) {
        this.name = name;
        this.data = data;
        this.make = make;
    }

    /// Every kind of event.
    public static Stream<EventType<?>> all() {
        return ALL.stream();
    }

    /// The kind of this CloudEvents `type`.
    public static Optional<EventType<?>> ofType(String type) {
        return all().filter(t -> t.type().equals(type)).findFirst();
    }

    /// The last part of an event's name, for example `handed-back`.
    public static String nameOf(JobEvent event) {
        return switch (event) {
            case Started _ -> STARTED.name;
            case Progress _ -> PROGRESS.name;
            case Retrying _ -> RETRYING.name;
            case HandedBack _ -> HANDED_BACK.name;
            case Completed _ -> COMPLETED.name;
            case Failed _ -> FAILED.name;
            case Cancelled _ -> CANCELLED.name;
        };
    }

    /// The CloudEvents `type` of an event.
    public static String typeOf(JobEvent event) {
        return PREFIX + nameOf(event) + SUFFIX;
    }

    /// Writes the data of an event.
    public static ObjectNode writeData(JobEvent event) {
        ObjectNode into = Json.object();
        return switch (event) {
            case Started started -> STARTED.data.write(started, into);
            case Progress progress -> PROGRESS.data.write(progress, into);
            case Retrying retrying -> RETRYING.data.write(retrying, into);
            case HandedBack handedBack -> HANDED_BACK.data.write(handedBack, into);
            case Completed completed -> COMPLETED.data.write(completed, into);
            case Failed failed -> FAILED.data.write(failed, into);
            case Cancelled cancelled -> CANCELLED.data.write(cancelled, into);
        };
    }

    /// The last part of the name, for example `handed-back`.
    public String name() {
        return name;
    }

    /// The CloudEvents `type`, for example `dev.darkroom.job.handed-back.v1`.
    public String type() {
        return PREFIX + name + SUFFIX;
    }

    /// Reads an event.
    ///
    /// @param data the event's data
    /// @param about what the attributes around the data say
    /// @return the event, or null when a violation was reported
    public @Nullable E read(JsonNode data, About about, Reading at) {
        Values values = this.data.read(data, at);
        if (values == null) {
            return null;
        }
        EventHeader header =
                new EventHeader(
                        about.job(),
                        values.get(ATTEMPT),
                        values.get(HAND_BACKS),
                        values.get(RUN),
                        values.get(SEQUENCE),
                        values.get(WORKER),
                        about.time(),
                        values.get(LABELS),
                        about.traceparent());
        return make.apply(header, values);
    }

    /// The JSON Schema of the data.
    public ObjectNode schema(UnknownFields unknown) {
        return data.schema(unknown);
    }

    /// What the CloudEvents attributes say of an event.
    ///
    /// @param job the subject
    /// @param time when it happened
    /// @param traceparent W3C trace context; absent: none
    public record About(JobId job, Instant time, @Nullable String traceparent) {}

    private static Field.Name step() {
        return named("step", "Steps done.");
    }
}
