package dev.darkroom.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.event.Artifact.Withheld;
import dev.darkroom.protocol.event.Command.Cancel;
import dev.darkroom.protocol.event.Cost;
import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Failed;
import dev.darkroom.protocol.event.JobEvent.Started;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Seed;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventCodecTest {
    private static final EventHeader HEADER =
            new EventHeader(
                    new JobId("j1"),
                    2,
                    1,
                    new RunId("r1"),
                    7,
                    "w1",
                    Instant.parse("2026-11-22T21:00:00Z"),
                    Map.of("user", "ada"),
                    null);

    @Test
    void keepsTimesToTheNanosecond() {
        JobEvent completed =
                new Completed(
                        HEADER,
                        List.of(
                                new Withheld(
                                        0,
                                        new Seed(-1),
                                        FailureCode.CONTENT_FILTERED,
                                        "was refused")),
                        new Cost(
                                Map.of(
                                        Stage.LOAD,
                                        Duration.ofNanos(1),
                                        Stage.DENOISE,
                                        Duration.ofSeconds(86_400, 123_456_789)),
                                0.1),
                        "s3://out/j1/manifest.json");

        assertThat(roundTrip(completed)).isEqualTo(completed);
    }

    @Test
    void keepsEveryViolationOfAFailure() {
        JobEvent failed =
                new Failed(
                        HEADER,
                        Failure.of(
                                FailureCode.INVALID_JOB,
                                List.of(
                                        new Violation("spec.width", "0", "at least 1"),
                                        new Violation("model", "", "a name"),
                                        Violation.unknown(
                                                "spec.promt", "did you mean spec.prompt?"))));

        assertThat(roundTrip(failed)).isEqualTo(failed);
    }

    @Test
    void namesEventsByDeliveryAndTheirEndByNothingElse() {
        JobEvent started =
                new Started(
                        HEADER,
                        new ModelId("emoji"),
                        "cpu",
                        "sha256:0",
                        Job.image("emoji", "x").build().spec(),
                        List.of(),
                        List.of(),
                        null);
        JobEvent failed = new Failed(HEADER, Failure.of(FailureCode.BUG, "x"));

        assertThat(EventCodec.id(started)).isEqualTo("j1/started/2.r1.7");
        assertThat(EventCodec.id(failed)).isEqualTo("j1/terminal");
    }

    @Test
    void passesOverFieldsOfNewerFleets() {
        JobEvent failed = new Failed(HEADER, Failure.of(FailureCode.BUG, "x"));
        Message message = EventCodec.encode(failed);
        byte[] newer =
                new String(message.value(), StandardCharsets.UTF_8)
                        .replace("\"code\"", "\"mood\":\"sad\",\"code\"")
                        .getBytes(StandardCharsets.UTF_8);

        assertThat(EventCodec.decode(message.headers(), newer)).isEqualTo(failed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time"})
    void refusesAnEventWithoutItsAttributes(String header) {
        Message message = EventCodec.encode(new Failed(HEADER, Failure.of(FailureCode.BUG, "x")));
        Map<String, String> headers = new HashMap<>(message.headers());
        headers.remove(header);

        assertThatThrownBy(() -> EventCodec.decode(headers, message.value()))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining(header.substring(3) + " is missing");
    }

    @Test
    void refusesAManifestThatDoesNotEndTheJob() {
        String manifest =
                new String(
                        ManifestCodec.encode(
                                new Manifest(
                                        "", new Failed(HEADER, Failure.of(FailureCode.BUG, "x")))),
                        StandardCharsets.UTF_8);
        String other = manifest.replace("job.failed.v1", "job.dreaming.v1");

        assertThatThrownBy(() -> ManifestCodec.decode(other.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("terminal.type is \"dev.darkroom.job.dreaming.v1\"");
    }

    @Test
    void readsACommandWithoutHeaders() {
        byte[] value =
                "{\"command\":\"cancel\",\"job\":\"j1\",\"reason\":\"enough\"}"
                        .getBytes(StandardCharsets.UTF_8);

        assertThat(CommandCodec.decode(Map.of(), value))
                .isEqualTo(new Cancel(new JobId("j1"), "enough"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "{\"command\":\"explode\",\"job\":\"j1\"}",
                "{\"command\":\"cancel\"}"
            })
    void refusesWhatIsNotACommand(String value) {
        assertThatThrownBy(
                        () -> CommandCodec.decode(Map.of(), value.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(MalformedMessageException.class);
    }

    @Test
    void writesNoCommandThatNobodyWouldRead() {
        Cancel wordy = new Cancel(new JobId("j1"), "because ".repeat(1000));

        assertThatThrownBy(() -> CommandCodec.encode(wordy))
                .isInstanceOf(MalformedMessageException.class)
                .hasMessageContaining("reason is \"because");
    }

    private static JobEvent roundTrip(JobEvent event) {
        Message message = EventCodec.encode(event);
        return EventCodec.decode(message.headers(), message.value());
    }
}
