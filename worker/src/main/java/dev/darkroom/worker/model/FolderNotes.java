package dev.darkroom.worker.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Prompt;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.worker.media.LatentColours;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// What `darkroom.json` says of a model: everything in it is optional.
///
/// @param title for people; absent: the folder's name
/// @param description for people, one sentence
/// @param licence of the weights
/// @param defaults of jobs that leave fields open
/// @param limits of a job's fields, by their names on the wire
/// @param preview the map from latents to colours; absent: no previews
/// @param sha256 digest of every file that matters, by path, 64 hexadecimal digits; empty: not
///   checked
public record FolderNotes(
        @Nullable String title,
        @Nullable String description,
        @Nullable String licence,
        Defaults defaults,
        Map<String, Range> limits,
        @Nullable LatentColours preview,
        Map<String, String> sha256) {
    /// The name of the file.
    static final String FILE = "darkroom.json";

    /// A folder without the file.
    static final FolderNotes NONE =
            new FolderNotes(null, null, null, Defaults.NONE, Map.of(), null, Map.of());

    private static final List<String> KEYS =
            List.of("title", "description", "licence", "defaults", "limits", "preview", "sha256");
    private static final List<String> LIMITED =
            List.of(
                    "width",
                    "height",
                    "count",
                    "steps",
                    "guidance",
                    "strength",
                    "eta",
                    "guidanceRescale",
                    "clipSkip");
    private static final List<String> DEFAULTED =
            List.of(
                    "negativePrompt",
                    "width",
                    "height",
                    "count",
                    "steps",
                    "guidance",
                    "scheduler",
                    "strength",
                    "eta",
                    "guidanceRescale",
                    "clipSkip",
                    "maxSequenceLength");

    /// The most that the reference's pipelines with a T5 encoder take (`check_inputs` of
    /// `pipeline_flux.py` and `pipeline_stable_diffusion_3.py`).
    private static final int LONGEST_SEQUENCE = 512;

    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /// Copies the maps.
    public FolderNotes {
        limits = Map.copyOf(limits);
        sha256 = Map.copyOf(sha256);
    }

    /// What jobs get that leave fields open; fields that are absent here too are the pipeline's own
    /// to fill.
    ///
    /// @param prompt the negative prompt only
    /// @param outputs the count only
    /// @param sampling how the sampler runs
    /// @param size in pixels
    /// @param strength of an init picture
    /// @param maxSequenceLength tokens that a T5 prompt is padded or cut to
    public record Defaults(
            Prompt prompt,
            Outputs outputs,
            Sampling sampling,
            Size size,
            @Nullable Double strength,
            @Nullable Integer maxSequenceLength) {
        /// None at all.
        static final Defaults NONE =
                new Defaults(
                        Prompt.NONE, Outputs.DEFAULTS, Sampling.DEFAULTS, Size.DEFAULT, null, null);
    }

    /// What a field may be.
    ///
    /// @param least smallest legal value
    /// @param greatest largest legal value
    public record Range(double least, double greatest) {
        /// Whether the value is legal.
        public boolean holds(double value) {
            return value >= least && value <= greatest;
        }

        /// For example `1 to 50`, or `64` when there is no choice.
        @Override
        public String toString() {
            return least == greatest ? text(least) : text(least) + " to " + text(greatest);
        }

        private static String text(double value) {
            return value == Math.rint(value) ? Long.toString((long) value) : "" + value;
        }
    }

    /// The notes in this file; what is wrong is noted there.
    static FolderNotes read(JsonFile file) {
        file.refuseOthers(KEYS);
        return new FolderNotes(
                file.text("title").orElse(null),
                file.text("description").orElse(null),
                file.text("licence").orElse(null),
                file.object("defaults").map(FolderNotes::defaults).orElse(Defaults.NONE),
                file.object("limits").map(FolderNotes::limits).orElse(Map.of()),
                file.object("preview").flatMap(FolderNotes::preview).orElse(null),
                file.object("sha256").map(FolderNotes::digests).orElse(Map.of()));
    }

    /// These notes for the same model in other files: without the digests.
    FolderNotes forOtherFiles() {
        return new FolderNotes(title, description, licence, defaults, limits, preview, Map.of());
    }

    private static Defaults defaults(JsonFile file) {
        file.refuseOthers(DEFAULTED);
        return new Defaults(
                new Prompt(null, file.text("negativePrompt").orElse(null)),
                new Outputs(whole(file, "count", 1), null),
                new Sampling(
                        whole(file, "steps", 1),
                        decimal(file, "guidance", v -> v >= 0, "at least 0"),
                        scheduler(file).orElse(null),
                        decimal(file, "eta", v -> v >= 0 && v <= 1, "0 to 1"),
                        decimal(file, "guidanceRescale", v -> v >= 0 && v <= 1, "0 to 1"),
                        whole(file, "clipSkip", 0)),
                new Size(whole(file, "width", 1), whole(file, "height", 1)),
                strength(file),
                file.legal(
                                "maxSequenceLength",
                                value ->
                                        value.isInt()
                                                && value.intValue() >= 1
                                                && value.intValue() <= LONGEST_SEQUENCE,
                                "a whole number from 1 to " + LONGEST_SEQUENCE)
                        .map(JsonNode::intValue)
                        .orElse(null));
    }

    private static @Nullable Integer whole(JsonFile file, String field, int least) {
        return file.legal(
                        field,
                        value -> value.isInt() && value.intValue() >= least,
                        "a whole number of at least " + least)
                .map(JsonNode::intValue)
                .orElse(null);
    }

    private static @Nullable Double decimal(
            JsonFile file, String field, DoublePredicate test, String legal) {
        return file.legal(
                        field,
                        value -> value.isNumber() && test.test(value.doubleValue()),
                        "a number, " + legal)
                .map(JsonNode::doubleValue)
                .orElse(null);
    }

    private static @Nullable Double strength(JsonFile file) {
        if (file.value("strength").isEmpty()) {
            return null;
        }
        return file.required(
                        "strength",
                        value ->
                                value.isNumber()
                                        && value.doubleValue() > 0
                                        && value.doubleValue() <= 1,
                        "a number above 0 to 1")
                .map(JsonNode::doubleValue)
                .orElse(null);
    }

    private static Optional<SchedulerName> scheduler(JsonFile file) {
        Optional<String> name = file.text("scheduler");
        Optional<SchedulerName> scheduler = name.flatMap(SchedulerName::ofWireName);
        if (name.isPresent() && scheduler.isEmpty()) {
            List<String> known =
                    Nearest.first(
                            name.get(),
                            List.of(SchedulerName.values()).stream()
                                    .map(SchedulerName::wireName)
                                    .toList());
            file.problem("scheduler", "is " + name.get() + "; legal: " + String.join(", ", known));
        }
        return scheduler;
    }

    private static Map<String, Range> limits(JsonFile file) {
        file.refuseOthers(LIMITED);
        Map<String, Range> limits = new LinkedHashMap<>();
        for (String field : file.names()) {
            file.required(field, FolderNotes::isRange, "[least, greatest]")
                    .ifPresent(range ->
                            limits.put(
                                    field,
                                    new Range(
                                            range.get(0).doubleValue(),
                                            range.get(1).doubleValue())));
        }
        return limits;
    }

    private static boolean isRange(JsonNode value) {
        return isNumbers(value, 2) && value.get(0).doubleValue() <= value.get(1).doubleValue();
    }

    private static Optional<LatentColours> preview(JsonFile file) {
        file.refuseOthers(List.of("matrix", "bias"));
        Optional<JsonNode> matrix =
                file.required(
                        "matrix",
                        value ->
                                value.isArray()
                                        && !value.isEmpty()
                                        && StreamSupport.stream(value.spliterator(), false)
                                                .allMatch(row -> isNumbers(row, 3)),
                        "a list of three numbers for each latent channel");
        Optional<JsonNode> bias =
                file.required("bias", value -> isNumbers(value, 3), "three numbers");
        if (matrix.isEmpty() || bias.isEmpty()) {
            return Optional.empty();
        }
        List<List<Double>> rows =
                StreamSupport.stream(matrix.get().spliterator(), false)
                        .map(FolderNotes::numbers)
                        .toList();
        return Optional.of(new LatentColours(rows, numbers(bias.get())));
    }

    private static boolean isNumbers(JsonNode value, int count) {
        return value.isArray()
                && value.size() == count
                && StreamSupport.stream(value.spliterator(), false)
                        .allMatch(n -> n.isNumber() && Double.isFinite(n.doubleValue()));
    }

    private static List<Double> numbers(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false).map(JsonNode::doubleValue).toList();
    }

    private static Map<String, String> digests(JsonFile file) {
        Map<String, String> digests = new LinkedHashMap<>();
        for (String path : file.names()) {
            file.required(
                            path,
                            value ->
                                    value.isTextual()
                                            && DIGEST.matcher(value.textValue()).matches(),
                            "64 lower-case hexadecimal digits")
                    .ifPresent(digest -> digests.put(path, digest.textValue()));
        }
        return digests;
    }
}
