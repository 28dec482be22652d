package dev.darkroom.protocol.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JobBuilderTest {
    @Test
    void buildsAPictureJobWithTheFormatsDefaults() {
        Job job = Job.image("emoji", "a red apple").build();

        assertThat(job.model()).isEqualTo(new ModelId("emoji"));
        assertThat(job.spec())
                .isEqualTo(
                        new ImageSpec(
                                new Prompt("a red apple", null),
                                Outputs.DEFAULTS,
                                Sampling.DEFAULTS,
                                Size.DEFAULT,
                                Guides.NONE));
        assertThat(job.output()).isEqualTo(Output.DEFAULT);
        assertThat(job.progress()).isEqualTo(ProgressOptions.DEFAULT);
        assertThat(job.maxAttempts()).isEqualTo(Job.DEFAULT_MAX_ATTEMPTS);
    }

    @Test
    void keepsEverythingThatItWasTold() {
        Control edges = new Control("canny", new InputUri("s3://in/edges.png"), 0.8, 0.1, 0.9);

        Job job =
                Job.video("svd", "waves")
                        .id("waves-1")
                        .negativePrompt("people")
                        .count(2)
                        .seed(Seed.of("18446744073709551615"))
                        .steps(20)
                        .guidance(5)
                        .scheduler(SchedulerName.EULER)
                        .eta(0.5)
                        .guidanceRescale(0.7)
                        .clipSkip(1)
                        .size(64, 48)
                        .frames(14)
                        .fps(7)
                        .loop()
                        .init("s3://in/sea.png")
                        .strength(0.6)
                        .mask("https://example.org/mask.png")
                        .control(edges)
                        .format(OutputFormat.ANIMATED_WEBP)
                        .quality(80)
                        .prefix("campaign-7/")
                        .everySteps(2)
                        .withoutPreview()
                        .deadline(Instant.parse("2026-11-22T21:00:00Z"))
                        .maxAttempts(5)
                        .label("user", "ada")
                        .build();

        assertThat(job)
                .isEqualTo(
                        new Job(
                                1,
                                new JobId("waves-1"),
                                new ModelId("svd"),
                                new VideoSpec(
                                        new Prompt("waves", "people"),
                                        new Outputs(2, new Seed(-1)),
                                        new Sampling(20, 5.0, SchedulerName.EULER, 0.5, 0.7, 1),
                                        new Size(64, 48),
                                        new Motion(14, 7.0, true),
                                        new Guides(
                                                new InputUri("s3://in/sea.png"),
                                                0.6,
                                                new InputUri("https://example.org/mask.png"),
                                                java.util.List.of(edges))),
                                new Output(OutputFormat.ANIMATED_WEBP, 80, null, "campaign-7/"),
                                new ProgressOptions(2, false),
                                Instant.parse("2026-11-22T21:00:00Z"),
                                5,
                                Map.of("user", "ada")));
    }

    @Test
    void reportsEverythingThatIsWrongAtOnce() {
        FailureException refused =
                catchThrowableOfType(
                        FailureException.class,
                        () ->
                                Job.image("no such/name", "a\u0000b")
                                        .steps(0)
                                        .seed(-1)
                                        .guidance(Double.NaN)
                                        .scheduler("eulr")
                                        .frames(3)
                                        .format(OutputFormat.WAV)
                                        .mask("s3://in/mask.png")
                                        .build());

        assertThat(refused.failure().code()).isEqualTo(FailureCode.INVALID_JOB);
        assertThat(refused.failure().violations())
                .extracting(Violation::field)
                .containsExactlyInAnyOrder(
                        "model",
                        "spec.prompt",
                        "spec.steps",
                        "spec.seed",
                        "spec.guidance",
                        "spec.scheduler",
                        "spec.frames",
                        "spec.init",
                        "output.format");
    }

    @Test
    void makesIdsOfUuidVersionSevenThatTellTheirTime() {
        Instant time = Instant.parse("2026-11-22T21:00:00.123Z");

        UUID id = UUID.fromString(JobId.fresh(InstantSource.fixed(time)).value());
        UUID other = UUID.fromString(JobId.fresh(InstantSource.fixed(time)).value());

        assertThat(id.version()).isEqualTo(7);
        assertThat(id.variant()).isEqualTo(2);
        assertThat(id.getMostSignificantBits() >>> 16).isEqualTo(time.toEpochMilli());
        assertThat(id).isNotEqualTo(other);
    }
}
