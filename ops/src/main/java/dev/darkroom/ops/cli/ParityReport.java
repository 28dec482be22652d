package dev.darkroom.ops.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.ops.parity.Check;
import dev.darkroom.ops.parity.Finding;
import dev.darkroom.ops.parity.Outcome;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// Shows what came of checks as they are tried, and their number at the end.
sealed interface ParityReport {
    /// Shows one.
    void one(Finding finding);

    /// Shows how many there were.
    void total(Tally tally);

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }

    /// For people: one line for each, aligned.
    ///
    /// @param out where to
    record Lines(PrintStream out) implements ParityReport {
        @Override
        public void one(Finding finding) {
            out.println(
                    String.format(
                            Locale.ROOT,
                            "%-9s  %-14s  %-37s  %-14s  %s",
                            word(finding.verdict()),
                            finding.check().family(),
                            finding.check().title(),
                            models(finding.check()),
                            text(finding)));
            finding.hints().forEach(hint -> out.println("           " + hint));
        }

        private static String word(Finding.Verdict verdict) {
            return switch (verdict) {
                case WITHIN -> "within";
                case OUTSIDE -> "outside";
                case NOT_BUILT -> "not built";
                case FAILED -> "failed";
            };
        }

        private static String models(Check check) {
            return switch (check) {
                case Check.OfPipeline pipeline -> pipeline.models().label();
                case Check.WithoutModel _, Check.OfScheduler _ -> "-";
            };
        }

        private static String text(Finding finding) {
            double seconds = seconds(finding.time());
            return switch (finding.outcome()) {
                case Outcome.Made made ->
                        String.format(
                                Locale.ROOT,
                                "latents %s  share %8.4f %%  %6.2f s%s",
                                made.latents() == null
                                        ? "      -"
                                        : String.format(
                                                Locale.ROOT, "%.1e", made.latents().error()),
                                100 * made.share(),
                                seconds,
                                where(made));
                case Outcome.Followed followed ->
                        String.format(
                                Locale.ROOT,
                                "error   %.1e  %6.2f s%s",
                                followed.worst().error(),
                                seconds,
                                followed.within() ? "" : "  at " + followed.worst().what());
                case Outcome.Different(String words) -> oneLine(words);
                case Outcome.NotBuilt(String words) -> oneLine(words);
                case Outcome.Failed(String words) -> oneLine(words);
            };
        }

        /// What is furthest, of a case that is outside.
        private static String where(Outcome.Made made) {
            if (made.within()) {
                return "";
            }
            StringBuilder text = new StringBuilder();
            if (made.latents() != null) {
                text.append("  at ").append(made.latents().what());
            }
            if (made.prompt() != null) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "  %s %.1e",
                                made.prompt().what(),
                                made.prompt().error()));
            }
            return text.toString();
        }

        private static String oneLine(String words) {
            return words.replaceAll("\\s*\\R\\s*", " ");
        }

        @Override
        public void total(Tally tally) {
            out.println(
                    String.format(
                            Locale.ROOT,
                            "%d within tolerance, %d outside, %d not built, %d failed:"
                                    + " %d cases and %d trajectories in %.1f s",
                            tally.count(Finding.Verdict.WITHIN),
                            tally.count(Finding.Verdict.OUTSIDE),
                            tally.count(Finding.Verdict.NOT_BUILT),
                            tally.count(Finding.Verdict.FAILED),
                            tally.cases(),
                            tally.trajectories(),
                            seconds(tally.time())));
        }
    }

    /// For scripts: an object a line, the counts in the last.
    ///
    /// @param out where to
    record Json(PrintStream out) implements ParityReport {
        @Override
        public void one(Finding finding) {
            Check check = finding.check();
            ObjectNode line = JsonNodeFactory.instance.objectNode();
            line.put("family", check.family());
            line.put("case", check.title());
            if (check instanceof Check.OfPipeline pipeline) {
                line.put("models", pipeline.models().label());
            }
            line.put("verdict", key(finding.verdict()));
            switch (finding.outcome()) {
                case Outcome.Made made -> {
                    if (made.prompt() != null) {
                        line.put("promptError", made.prompt().error());
                    }
                    if (made.latents() != null) {
                        line.put("latentError", made.latents().error());
                        line.put("latentsAt", made.latents().what());
                    }
                    line.put("share", made.share());
                }
                case Outcome.Followed followed -> {
                    line.put("error", followed.worst().error());
                    line.put("errorAt", followed.worst().what());
                }
                case Outcome.Different(String words) -> line.put("reason", words);
                case Outcome.NotBuilt(String words) -> line.put("reason", words);
                case Outcome.Failed(String words) -> line.put("reason", words);
            }
            line.put("seconds", seconds(finding.time()));
            if (!finding.hints().isEmpty()) {
                ArrayNode hints = line.putArray("hints");
                finding.hints().forEach(hints::add);
            }
            out.println(line);
        }

        private static String key(Finding.Verdict verdict) {
            return switch (verdict) {
                case WITHIN -> "within";
                case OUTSIDE -> "outside";
                case NOT_BUILT -> "notBuilt";
                case FAILED -> "failed";
            };
        }

        @Override
        public void total(Tally tally) {
            ObjectNode line = JsonNodeFactory.instance.objectNode();
            ObjectNode counts = line.putObject("total");
            for (Finding.Verdict verdict : Finding.Verdict.values()) {
                counts.put(key(verdict), tally.count(verdict));
            }
            counts.put("cases", tally.cases());
            counts.put("trajectories", tally.trajectories());
            counts.put("seconds", seconds(tally.time()));
            out.println(line);
        }
    }
}
