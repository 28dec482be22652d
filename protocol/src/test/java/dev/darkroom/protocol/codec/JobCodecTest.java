package dev.darkroom.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.Attempt;
import dev.darkroom.protocol.job.HandBacks;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobEnvelope;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.Spec;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JobCodecTest {
    private static final String APPLE =
            """
            {"specVersion":1,"id":"j1","model":"emoji","spec":{"kind":"image","prompt":"a red apple"}}\
            """;

    @Test
    void readsBareJobAsAJobThatWasNeverTried() {
        JobEnvelope envelope = JobCodec.decode(bytes(APPLE));

        assertThat(envelope.job().id()).isEqualTo(new JobId("j1"));
        assertThat(envelope.job().spec()).isInstanceOf(ImageSpec.class);
        assertThat(envelope.attempt()).isEqualTo(1);
        assertThat(envelope.job().maxAttempts()).isEqualTo(Job.DEFAULT_MAX_ATTEMPTS);
    }

    @Test
    void givesBackTheEnvelopeThatWasWritten() {
        JobEnvelope envelope =
                new JobEnvelope(
                        JobCodec.decode(bytes(APPLE)).job(),
                        List.of(
                                new Attempt(
                                        Instant.parse("2026-11-22T21:00:00Z"),
                                        "w1",
                                        FailureCode.OUT_OF_MEMORY)),
                        new HandBacks(2, "s3://out/j1/checkpoint-7"),
                        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");

        assertThat(JobCodec.decode(JobCodec.encode(envelope))).isEqualTo(envelope);
    }

    @Test
    void namesTheNearestFieldOfAnUnknownOne() {
        String job = APPLE.replace("\"prompt\"", "\"promt\"");

        assertThatThrownBy(() -> JobCodec.decode(bytes(job)))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining("spec.promt is not known; did you mean spec.prompt?");
    }

    @Test
    void tellsSeveralProblemsAsSentences() {
        String job = APPLE.replace("\"prompt\"", "\"sead\":1,\"promt\"");

        assertThatThrownBy(() -> JobCodec.decode(bytes(job)))
                .isInstanceOf(FailureException.class)
                .hasMessageContaining(
                        "did you mean spec.seed? spec.promt is not known; did you mean spec.prompt?");
    }

    @Test
    void keepsSeedsBeyondTheRangeOfADouble() {
        String job = APPLE.replace("\"kind\"", "\"seed\":18446744073709551615,\"kind\"");

        JobEnvelope envelope = JobCodec.decode(bytes(job));

        assertThat(envelope.job().spec().outputs().seed())
                .isEqualTo(Seed.of("18446744073709551615"));
        assertThat(new String(JobCodec.encode(envelope), StandardCharsets.UTF_8))
                .contains("\"seed\":\"18446744073709551615\"");
    }

    @Test
    void handsOnAJobOfANewerVersion() {
        String job = APPLE.replace("\"specVersion\":1", "\"specVersion\":2,\"mood\":3");

        assertThatThrownBy(() -> JobCodec.decode(bytes(job)))
                .isInstanceOf(NewerSpecVersionException.class)
                .hasMessageContaining("2");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "0, 0, 0",
                "42.0, 42, 42",
                "\"7\", 7, 7",
                "9007199254740991, 9007199254740991, 9007199254740991",
                "9007199254740992, 9007199254740992, \"9007199254740992\"",
                "\"9223372036854775808\", 9223372036854775808, \"9223372036854775808\"",
            })
    void writesSeedsSoThatEveryReaderIsExact(String written, String seed, String again) {
        Spec spec =
                JobCodec.decode(
                                bytes(
                                        APPLE.replace(
                                                "\"kind\"", "\"seed\":" + written + ",\"kind\"")))
                        .job()
                        .spec();

        assertThat(spec.outputs().seed()).isEqualTo(Seed.of(seed));
        assertThat(JobCodec.encodeSpec(spec).get("seed")).hasToString(again);
    }

    @Test
    void digestsTheJobAndNotTheWayItWasWritten() {
        Job job = JobCodec.decode(bytes(APPLE)).job();
        String reordered =
                """
                {"labels":{}, "maxAttempts":3, "output":{"prefix":""}, "progress":{"preview":true},
                 "spec":{"prompt":"a red apple", "control":[], "kind":"image"},
                 "model":"emoji", "id":"j1", "specVersion":1}\
                """;

        assertThat(JobCodec.canonical(job))
                .asString()
                .isEqualTo(
                        """
                        {"id":"j1","model":"emoji","spec":{"kind":"image","prompt":"a red apple"},\
                        "specVersion":1}\
                        """);
        // sha256sum of the text above
        assertThat(JobCodec.digest(job))
                .isEqualTo(
                        "sha256:f8195b868f615a48d0d72d1c18fa8cf4cbd611aa580c0ef92ed386cc38103075");
        assertThat(JobCodec.digest(JobCodec.decode(bytes(reordered)).job()))
                .isEqualTo(JobCodec.digest(job));
    }

    @Test
    void digestsJobsThatDifferDifferently() {
        Job job = Job.image("emoji", "a red apple").id("j1").steps(20).build();
        Job other = Job.image("emoji", "a red apple").id("j1").steps(21).build();

        assertThat(JobCodec.digest(job))
                .isEqualTo(
                        JobCodec.digest(
                                Job.image("emoji", "a red apple").id("j1").steps(20).build()))
                .isNotEqualTo(JobCodec.digest(other));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
