package dev.darkroom.ops.cli;

import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.Cost;
import dev.darkroom.protocol.event.JobEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Events in words for people. Pure.
final class EventWords {
    private EventWords() {}

    /// One or more lines, each without a line break.
    static List<String> lines(JobEvent event) {
        return switch (event) {
            case JobEvent.Started started -> started(started);
            case JobEvent.Progress progress -> List.of(ProgressBar.words(progress));
            case JobEvent.Retrying(_, var failure, var next) ->
                    List.of(
                            "failed for now with "
                                    + failure.code()
                                    + ": "
                                    + failure.message()
                                    + "; the next attempt is not before "
                                    + next);
            case JobEvent.HandedBack(_, int step, int steps, _) ->
                    List.of(
                            "handed back at step "
                                    + step
                                    + " of "
                                    + steps
                                    + "; another worker goes on");
            case JobEvent.Completed completed -> completed(completed);
            case JobEvent.Failed(_, var failure) ->
                    List.of("failed with " + failure.code() + ": " + failure.message());
            case JobEvent.Cancelled(_, String reason, int step, int steps) ->
                    List.of("cancelled" + position(step, steps) + because(reason));
        };
    }

    /// Where the time went, in one line.
    static String cost(Cost cost) {
        String stages =
                cost.stages().entrySet().stream()
                        .map(entry ->
                                entry.getKey().name().toLowerCase(Locale.ROOT)
                                        + " "
                                        + Durations.words(entry.getValue()))
                        .collect(Collectors.joining(", "));
        Duration total = cost.stages().values().stream().reduce(Duration.ZERO, Duration::plus);
        return Durations.words(total)
                + " ("
                + stages
                + "); "
                + String.format(Locale.ROOT, "%.2f", cost.deviceSeconds())
                + " s of the device";
    }

    private static List<String> started(JobEvent.Started started) {
        List<String> lines = new ArrayList<>();
        Integer resumed = started.resumedAtStep();
        lines.add(
                (resumed == null ? "started" : "resumed at step " + resumed)
                        + " on "
                        + started.device()
                        + " with model "
                        + started.model());
        started.warnings().forEach(warning -> lines.add("note: " + warning));
        return lines;
    }

    private static List<String> completed(JobEvent.Completed completed) {
        List<String> lines = new ArrayList<>();
        lines.add("completed in " + cost(completed.cost()));
        completed.artifacts().forEach(artifact -> lines.add(artifact(artifact)));
        lines.add("manifest: " + completed.manifest());
        return lines;
    }

    private static String artifact(Artifact artifact) {
        return "output "
                + artifact.index()
                + ", seed "
                + artifact.seed()
                + ": "
                + switch (artifact) {
                    case Artifact.Stored stored -> stored.object().uri();
                    case Artifact.Withheld withheld -> withheld(withheld);
                };
    }

    private static String withheld(Artifact.Withheld withheld) {
        return "withheld, "
                + withheld.code()
                + (withheld.reason().isEmpty() ? "" : ": it " + withheld.reason());
    }

    private static String position(int step, int steps) {
        return steps == 0 ? " before it began" : " at step " + step + " of " + steps;
    }

    private static String because(String reason) {
        return reason.isBlank() ? "" : ": " + reason;
    }
}
