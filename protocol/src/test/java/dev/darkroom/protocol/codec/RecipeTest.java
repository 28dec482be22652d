package dev.darkroom.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.Cost;
import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.InputDigest;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.protocol.job.Output;
import dev.darkroom.protocol.job.OutputFormat;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.ProgressOptions;
import dev.darkroom.protocol.job.Prompt;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.Size;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class RecipeTest {
    private static final JobId ID = new JobId("a-red-apple");

    @Test
    void manifestKeepsWhatIsNeededToMakeTheOutputsAgain() {
        Job job =
                new Job(
                        Job.SPEC_VERSION,
                        ID,
                        new ModelId("emoji"),
                        new ImageSpec(
                                new Prompt("a red apple", ""),
                                new Outputs(2, Seed.of("18446744073709551615")),
                                new Sampling(20, 4.0, SchedulerName.EULER, 0.0, 0.0, 0),
                                new Size(64, 64),
                                Guides.NONE),
                        new Output(OutputFormat.PNG, null, null, ""),
                        ProgressOptions.DEFAULT,
                        null,
                        3,
                        Map.of());
        Manifest manifest =
                new Manifest(
                        "",
                        new Manifest.Recipe(
                                job,
                                "sha256:" + "0".repeat(64),
                                List.of(new InputDigest("spec.init.uri", "a".repeat(64)))),
                        completed());

        byte[] bytes = ManifestCodec.encode(manifest);

        assertThat(ManifestCodec.decode(bytes)).isEqualTo(manifest);
        assertThat(ManifestCodec.encode(ManifestCodec.decode(bytes))).isEqualTo(bytes);
    }

    @Test
    void recipeOfAFleetThatKeptNoDigestsOfInputsIsRead() {
        Manifest manifest =
                new Manifest(
                        "",
                        new Manifest.Recipe(
                                Job.image("emoji", "x").build(),
                                "sha256:0",
                                List.of(new InputDigest("spec.init.uri", "a".repeat(64)))),
                        completed());
        String written = new String(ManifestCodec.encode(manifest), StandardCharsets.UTF_8);
        String older = written.replaceFirst(",\"inputs\":\\[[^]]*]", "");

        Manifest read = ManifestCodec.decode(older.getBytes(StandardCharsets.UTF_8));

        assertThat(older).isNotEqualTo(written);
        assertThat(Objects.requireNonNull(read.recipe()).inputs()).isEmpty();
    }

    @Test
    void manifestOfAJobWithoutOutputsHasNoRecipe() {
        Manifest manifest = new Manifest("", completed());

        assertThat(ManifestCodec.decode(ManifestCodec.encode(manifest)).recipe()).isNull();
    }

    private static JobEvent.Completed completed() {
        return new JobEvent.Completed(
                new EventHeader(ID, 1, 0, new RunId("r1"), 3, "w", Instant.EPOCH, Map.of(), null),
                List.of(),
                new Cost(Map.of(), 0.5),
                "s3://darkroom/a-red-apple/manifest.json");
    }
}
