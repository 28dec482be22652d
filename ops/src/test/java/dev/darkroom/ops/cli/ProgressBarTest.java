package dev.darkroom.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.job.JobId;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressBarTest {
    private static final ProgressBar WIDE = new ProgressBar(120, ProgressBar.Glyphs.ASCII);

    @Test
    void showsStageStepBarShareAndTimeLeft() {
        assertThat(WIDE.line(progress(12, 0.5, 3_200L)))
                .isEqualTo(
                        "denoise   12/20 "
                                + "#".repeat(20)
                                + "-".repeat(20)
                                + "  50 %, 3.2 s left");
    }

    @Test
    void leavesOutTheTimeWhileItIsNotKnown() {
        assertThat(WIDE.line(progress(0, 0.0, null))).endsWith("-   0 %");
    }

    @Test
    void leavesOutTheTimeWhenNoneIsLeft() {
        assertThat(WIDE.line(progress(20, 1.0, 0L))).endsWith("# 100 %");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 24, 40, 60, 80, 200})
    void neverFillsTheTerminalsLastColumn(int columns) {
        ProgressBar bar = new ProgressBar(columns, ProgressBar.Glyphs.UNICODE);
        assertThat(bar.line(progress(12, 0.5, 3_661_000L))).hasSizeLessThan(columns);
    }

    @Test
    void dropsTheBarBeforeTheNumbers() {
        ProgressBar narrow = new ProgressBar(40, ProgressBar.Glyphs.ASCII);
        assertThat(narrow.line(progress(12, 0.5, 900L)))
                .isEqualTo("denoise   12/20  50 %, 900 ms left");
    }

    @ParameterizedTest
    @CsvSource({"-0.5,0", "0,0", "0.999,99", "1,100", "1.5,100"})
    void keepsTheShareBetweenNothingAndAll(double fraction, int percent) {
        String line = WIDE.line(progress(1, fraction, null));
        assertThat(line).endsWith(" " + percent + " %");
        assertThat(line.chars().filter(c -> c == '#' || c == '-').count()).isEqualTo(40);
    }

    @Test
    void staysAtTheSamePlaceFromStepToStep() {
        assertThat(WIDE.line(progress(9, 0.45, null)).indexOf('#'))
                .isEqualTo(WIDE.line(progress(10, 0.5, null)).indexOf('#'));
    }

    @Test
    void readsAsAPlainLineWithoutTheBar() {
        assertThat(ProgressBar.words(progress(12, 0.5, 3_200L)))
                .isEqualTo("denoise 12/20, 50 %, 3.2 s left");
    }

    private static JobEvent.Progress progress(int step, double fraction, @Nullable Long left) {
        EventHeader header =
                new EventHeader(
                        new JobId("a"),
                        1,
                        0,
                        new RunId("r1"),
                        step,
                        "w",
                        Instant.EPOCH,
                        Map.of(),
                        null);
        return new JobEvent.Progress(header, null, Stage.DENOISE, step, 20, fraction, left, null);
    }
}
