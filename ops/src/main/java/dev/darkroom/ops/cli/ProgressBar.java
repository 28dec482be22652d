package dev.darkroom.ops.cli;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.Stage;
import java.time.Duration;
import java.util.Locale;

/// Draws a progress event as one line: stage, step, bar, share, time left. Pure.
///
/// @param columns characters that a line may have
/// @param glyphs what the bar is made of
record ProgressBar(int columns, Glyphs glyphs) {
    private static final int WIDEST_BAR = 40;
    private static final int NARROWEST_BAR = 8;

    /// What a bar is made of.
    enum Glyphs {
        /// Box-drawing characters.
        UNICODE("━", "─"),
        /// For terminals without them.
        ASCII("#", "-");

        private final String done;
        private final String left;

        Glyphs(String done, String left) {
            this.done = done;
            this.left = left;
        }
    }

    /// The line, without a line break; no longer than `columns`, so that it can be drawn over.
    String line(JobEvent.Progress progress) {
        String before = before(progress);
        String after = after(progress);
        int room = columns - 1 - before.length() - after.length() - 2;
        String line =
                room < NARROWEST_BAR
                        ? before + " " + after
                        : before
                                + " "
                                + bar(progress.fraction(), Math.min(room, WIDEST_BAR))
                                + " "
                                + after;
        return line.length() < columns ? line : line.substring(0, columns - 1);
    }

    /// The same without the bar, for output that is read as lines.
    static String words(JobEvent.Progress progress) {
        return before(progress).strip().replaceAll(" +", " ") + ", " + after(progress).strip();
    }

    private static String before(JobEvent.Progress progress) {
        String steps = progress.steps() == 0 ? "" : progress.step() + "/" + progress.steps();
        return String.format(Locale.ROOT, "%-7s %7s", name(progress.stage()), steps);
    }

    private static String after(JobEvent.Progress progress) {
        Long left = progress.etaMillis();
        String time =
                left == null || left == 0
                        ? ""
                        : ", " + Durations.words(Duration.ofMillis(left)) + " left";
        return String.format(Locale.ROOT, "%3d %%", (int) (clamped(progress) * 100)) + time;
    }

    private String bar(double fraction, int width) {
        int done = (int) Math.round(Math.clamp(fraction, 0.0, 1.0) * width);
        return glyphs.done.repeat(done) + glyphs.left.repeat(width - done);
    }

    private static double clamped(JobEvent.Progress progress) {
        return Math.clamp(progress.fraction(), 0.0, 1.0);
    }

    private static String name(Stage stage) {
        return stage.name().toLowerCase(Locale.ROOT);
    }
}
