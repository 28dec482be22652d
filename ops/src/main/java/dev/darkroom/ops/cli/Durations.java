package dev.darkroom.ops.cli;

import java.time.Duration;
import java.util.Locale;

/// Spans of time in words for people.
final class Durations {
    private Durations() {}

    /// For example `40 ms`, `3.2 s`, `41 s`, `2 min 5 s`, `1 h 10 min`.
    static String words(Duration duration) {
        long millis = duration.toMillis();
        if (millis < 1_000) {
            return millis + " ms";
        }
        if (millis < 9_950) {
            return String.format(Locale.ROOT, "%.1f s", millis / 1e3);
        }
        long seconds = Math.round(millis / 1e3);
        if (seconds < 60) {
            return seconds + " s";
        }
        if (seconds < 3_600) {
            return seconds / 60 + " min " + seconds % 60 + " s";
        }
        return seconds / 3_600 + " h " + seconds % 3_600 / 60 + " min";
    }
}
