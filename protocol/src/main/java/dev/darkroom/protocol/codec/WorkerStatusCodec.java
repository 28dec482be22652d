package dev.darkroom.protocol.codec;

import static dev.darkroom.protocol.json.Field.named;

import dev.darkroom.protocol.event.WorkerStatus;
import dev.darkroom.protocol.job.JobFields;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.json.ChoiceShape;
import dev.darkroom.protocol.json.Field;
import dev.darkroom.protocol.json.Fields;
import dev.darkroom.protocol.json.IntegerShape;
import dev.darkroom.protocol.json.ListShape;
import dev.darkroom.protocol.json.MomentShape;
import dev.darkroom.protocol.json.ObjectShape;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.TextShape;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Worker status on the wire: CloudEvents in Kafka's binary mode. The value alone says everything.
public final class WorkerStatusCodec {
    /// The CloudEvents `type` of a worker's status.
    public static final String TYPE = "dev.darkroom.worker.status.v1";

    private static final String WHAT = "worker status";

    private static final Field<WorkerStatus, String> WORKER =
            named("worker", "The worker's id.").required(TextShape.upTo(256), WorkerStatus::worker);
    private static final Field<WorkerStatus, Instant> TIME =
            named("time", "When this was true.").required(new MomentShape(), WorkerStatus::time);
    private static final Field<WorkerStatus, String> LANE =
            named("lane", "The lane that it serves.")
                    .required(TextShape.upTo(256), WorkerStatus::lane);
    private static final Field<WorkerStatus, String> DEVICE =
            named("device", "For example `cpu`.")
                    .required(TextShape.upTo(256), WorkerStatus::device);
    private static final Field<WorkerStatus, List<ModelId>> MODELS =
            named("models", "Those in memory.")
                    .required(
                            new ListShape<>(JobFields.MODEL_ID, Integer.MAX_VALUE),
                            WorkerStatus::models);
    private static final Field<WorkerStatus, Integer> SLOTS =
            named("slots", "All job slots.").required(IntegerShape.atLeast(0), WorkerStatus::slots);
    private static final Field<WorkerStatus, Integer> BUSY_SLOTS =
            named("busySlots", "Slots with a job.")
                    .required(IntegerShape.atLeast(0), WorkerStatus::busySlots);
    private static final Field<WorkerStatus, WorkerStatus.State> STATE =
            named("state", "What it does with new jobs.")
                    .required(
                            new ChoiceShape<>(
                                    Arrays.asList(WorkerStatus.State.values()),
                                    s -> s.name().toLowerCase(Locale.ROOT)),
                            WorkerStatus::state);

    /// A worker's status.
    static final Shape<WorkerStatus> SHAPE =
            new ObjectShape<>(
                    Fields.of(WORKER, TIME, LANE, DEVICE, MODELS, SLOTS, BUSY_SLOTS, STATE),
                    v ->
                            new WorkerStatus(
                                    v.get(WORKER),
                                    v.get(TIME),
                                    v.get(LANE),
                                    v.get(DEVICE),
                                    v.get(MODELS),
                                    v.get(SLOTS),
                                    v.get(BUSY_SLOTS),
                                    v.get(STATE)));

    private WorkerStatusCodec() {}

    /// Writes a status as a record.
    public static Message encode(WorkerStatus status) {
        String id = status.worker() + "/" + status.time();
        return new Attributes(TYPE, id, status.worker(), status.time(), null)
                .message(status.worker(), SHAPE.write(status));
    }

    /// Reads a record.
    ///
    /// @param headers not needed, and so not looked at: the value says everything
    /// @throws MalformedMessageException when it is none
    public static WorkerStatus decode(Map<String, String> headers, byte[] value) {
        return Documents.read(WHAT, Documents.parse(WHAT, value), SHAPE::read);
    }
}
