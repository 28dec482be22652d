package dev.darkroom.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Cancelled;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobEnvelope;
import dev.darkroom.protocol.job.JobId;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.jackson.JsonFormat;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

/// The reference implementation of CloudEvents reads what is written here, and the other way round.
class CloudEventsTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    @Test
    void jobIsAStructuredCloudEvent() {
        Job job = Job.image("emoji", "a red apple").id("j1").build();

        CloudEvent event =
                new JsonFormat()
                        .deserialize(
                                JobCodec.encode(
                                        new JobEnvelope(
                                                job,
                                                List.of(),
                                                JobEnvelope.of(job).handBacks(),
                                                TRACE)));

        assertThat(event.getId()).isEqualTo("j1");
        assertThat(event.getSubject()).isEqualTo("j1");
        assertThat(event.getSource()).isEqualTo(URI.create("/darkroom"));
        assertThat(event.getType()).isEqualTo("dev.darkroom.job.submitted.v1");
        assertThat(event.getExtension("traceparent")).isEqualTo(TRACE);
    }

    @Test
    void jobMayComeFromAnyCloudEventsLibrary() {
        Job job = Job.image("emoji", "a red apple").id("j1").build();
        CloudEvent event =
                CloudEventBuilder.v1()
                        .withId(UUID.randomUUID().toString())
                        .withSource(URI.create("https://shop.example/orders"))
                        .withType(JobCodec.TYPE)
                        .withTime(OffsetDateTime.now(ZoneOffset.UTC))
                        .withExtension("traceparent", TRACE)
                        .withExtension("tenant", "shop")
                        .withData(
                                "application/json",
                                ("{\"job\":" + JobCodec.encodeJob(job) + "}")
                                        .getBytes(StandardCharsets.UTF_8))
                        .build();

        JobEnvelope envelope = JobCodec.decode(new JsonFormat().serialize(event));

        assertThat(envelope.job()).isEqualTo(job);
        assertThat(envelope.traceparent()).isEqualTo(TRACE);
    }

    @Test
    void eventIsABinaryCloudEvent() {
        Instant time = Instant.parse("2026-11-22T21:00:00.123456789Z");
        JobEvent cancelled =
                new Cancelled(
                        new EventHeader(
                                new JobId("j1"),
                                1,
                                0,
                                new RunId("r1"),
                                3,
                                "w1",
                                time,
                                Map.of(),
                                TRACE),
                        "enough",
                        3,
                        20);
        Message message = EventCodec.encode(cancelled);
        RecordHeaders headers = new RecordHeaders();
        message.headers().forEach((n, v) -> headers.add(n, v.getBytes(StandardCharsets.UTF_8)));

        CloudEvent event = KafkaMessageFactory.createReader(headers, message.value()).toEvent();

        assertThat(event.getId()).isEqualTo("j1/terminal");
        assertThat(event.getType()).isEqualTo("dev.darkroom.job.cancelled.v1");
        assertThat(event.getSubject()).isEqualTo("j1");
        assertThat(event.getTime()).isEqualTo(time.atOffset(ZoneOffset.UTC));
        assertThat(event.getDataContentType()).isEqualTo("application/json");
        assertThat(event.getExtension("traceparent")).isEqualTo(TRACE);
        assertThat(message.key()).isEqualTo("j1");
    }
}
