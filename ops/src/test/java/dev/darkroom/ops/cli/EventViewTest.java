package dev.darkroom.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.Cost;
import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.Seed;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EventViewTest {
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(written, true, StandardCharsets.UTF_8);

    @Test
    void liveViewDrawsProgressOverItselfAndWritesTheEndOnALineOfItsOwn() {
        EventView view = new EventView.Live(out, new ProgressBar(40, ProgressBar.Glyphs.ASCII));
        view.show(progress(1));
        view.show(progress(2));
        view.show(cancelled());

        String[] drawn = text().split("\r\033\\[K", -1);
        assertThat(drawn).hasSize(3);
        assertThat(drawn[0]).contains(" 1/20").doesNotContain("\n");
        assertThat(drawn[1]).contains(" 2/20").doesNotContain("\n");
        assertThat(drawn[2]).isEqualToNormalizingNewlines("cancelled at step 2 of 20: enough\n");
    }

    @Test
    void plainViewWritesALineForEachTenthOfTheJob() {
        EventView view = new EventView.Plain(out);
        for (int step = 0; step <= 20; step++) {
            view.show(progress(step));
        }
        assertThat(text().lines()).hasSize(11);
    }

    @Test
    void viewOfManyJobsNamesTheJob() {
        new EventView.Named(out).show(cancelled());
        assertThat(text()).startsWith("job-1  cancelled");
    }

    @Test
    void viewForScriptsWritesOneObjectALine() {
        EventView view = new EventView.Json(out);
        view.show(progress(1));
        view.show(cancelled());
        assertThat(text().lines()).hasSize(2).allMatch(line -> line.startsWith("{\"specversion\""));
    }

    @Test
    void completedJobSaysWhereItsOutputsAreAndWhatItCost() {
        JobEvent completed =
                new JobEvent.Completed(
                        header(),
                        List.of(
                                new Artifact.Stored(
                                        0,
                                        new Seed(-1),
                                        new Artifact.StoredObject(
                                                "s3://b/job-1/r/output-0.png",
                                                "image/png",
                                                7,
                                                "ab"),
                                        new Artifact.Dimensions(64, 64, null, null)),
                                new Artifact.Withheld(
                                        1,
                                        new Seed(0),
                                        FailureCode.DEGENERATE_OUTPUT,
                                        "has one colour throughout"),
                                new Artifact.Withheld(
                                        2, new Seed(1), FailureCode.CONTENT_FILTERED, "")),
                        new Cost(
                                Map.of(
                                        Stage.DENOISE, Duration.ofMillis(1500),
                                        Stage.LOAD, Duration.ofMillis(20)),
                                1.25),
                        "s3://b/job-1/manifest.json");
        assertThat(EventWords.lines(completed))
                .containsExactly(
                        "completed in 1.5 s (load 20 ms, denoise 1.5 s); 1.25 s of the device",
                        "output 0, seed 18446744073709551615: s3://b/job-1/r/output-0.png",
                        "output 1, seed 0: withheld, DEGENERATE_OUTPUT: it has one colour"
                                + " throughout",
                        "output 2, seed 1: withheld, CONTENT_FILTERED",
                        "manifest: s3://b/job-1/manifest.json");
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8);
    }

    private static JobEvent.Progress progress(int step) {
        return new JobEvent.Progress(
                header(), null, Stage.DENOISE, step, 20, step / 20.0, null, null);
    }

    private static JobEvent cancelled() {
        return new JobEvent.Cancelled(header(), "enough", 2, 20);
    }

    private static EventHeader header() {
        return new EventHeader(
                new JobId("job-1"), 1, 0, new RunId("r1"), 0, "w", Instant.EPOCH, Map.of(), null);
    }
}
