package dev.darkroom.protocol.codec;

import static dev.darkroom.protocol.json.Field.named;

import com.fasterxml.jackson.databind.JsonNode;
import dev.darkroom.protocol.event.Command;
import dev.darkroom.protocol.event.Command.Cancel;
import dev.darkroom.protocol.job.JobFields;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.json.ChoiceShape;
import dev.darkroom.protocol.json.Field;
import dev.darkroom.protocol.json.Fields;
import dev.darkroom.protocol.json.ObjectShape;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.TextShape;
import java.util.List;
import java.util.Map;

/// Commands on the wire: CloudEvents in Kafka's binary mode. The value alone says everything, so
/// that a client may leave the headers out.
public final class CommandCodec {
    /// The CloudEvents `type` of a cancel command.
    public static final String CANCEL_TYPE = "dev.darkroom.command.cancel.v1";

    private static final String WHAT = "command";
    private static final String CANCEL = "cancel";

    private static final Field<Cancel, String> COMMAND =
            named("command", "What to do.")
                    .required(new ChoiceShape<>(List.of(CANCEL), c -> c), _ -> CANCEL);
    private static final Field<Cancel, JobId> JOB =
            named("job", "Which job.").required(JobFields.JOB_ID, Cancel::job);
    private static final Field<Cancel, String> REASON =
            named("reason", "For a person; repeated in the cancelled event.")
                    .defaulted(TextShape.upTo(1024), Cancel::reason, "");

    /// A cancel command.
    static final Shape<Cancel> SHAPE =
            new ObjectShape<>(
                    Fields.of(COMMAND, JOB, REASON), v -> new Cancel(v.get(JOB), v.get(REASON)));

    private CommandCodec() {}

    /// Writes a command as a record.
    ///
    /// @throws MalformedMessageException when no worker would read it
    public static Message encode(Command command) {
        return switch (command) {
            case Cancel cancel -> {
                JsonNode data = SHAPE.write(cancel);
                Documents.read(WHAT, data, SHAPE::read);
                String job = cancel.job().value();
                yield new Attributes(CANCEL_TYPE, job + "/" + CANCEL, job, null, null)
                        .message(job, data);
            }
        };
    }

    /// Reads a record.
    ///
    /// @param headers not needed, and so not looked at: the value says everything
    /// @throws MalformedMessageException when it is not a command that is known here
    public static Command decode(Map<String, String> headers, byte[] value) {
        return Documents.read(WHAT, Documents.parse(WHAT, value), SHAPE::read);
    }
}
