package dev.darkroom.ops.cli;

import dev.darkroom.protocol.job.Control;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.protocol.job.JobBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// An image job, field by field, as options.
final class JobOptions {
    @Parameters(
            paramLabel = "PROMPT",
            arity = "0..1",
            description = "What the picture shows; only unconditional models go without.")
    private @Nullable String prompt;

    @Mixin private final ImageOptions image = new ImageOptions();

    @Option(
            names = "--width",
            paramLabel = "PIXELS",
            description = "Width of the picture. Default: the model's.")
    private @Nullable Integer width;

    @Option(
            names = "--height",
            paramLabel = "PIXELS",
            description = "Height of the picture. Default: the model's.")
    private @Nullable Integer height;

    @Option(
            names = "--init",
            paramLabel = "URI",
            description = "Picture to start from: s3://bucket/key or a presigned https:// address.")
    private @Nullable String init;

    @Option(
            names = "--strength",
            paramLabel = "S",
            description = "Share of the steps applied to --init, above 0 to 1.")
    private @Nullable Double strength;

    @Option(
            names = "--mask",
            paramLabel = "URI",
            description = "Where --init may change: white changes, black stays.")
    private @Nullable String mask;

    @ArgGroup(exclusive = false, multiplicity = "0..*")
    private List<ControlOptions> controls = new ArrayList<>();

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "How pictures are encoded: png, jpeg or webp. Default: png")
    private @Nullable String format;

    @Option(
            names = "--quality",
            paramLabel = "Q",
            description = "Quality of a lossy encoding, 1 to 100.")
    private @Nullable Integer quality;

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX/",
            description = "Put before the job's id in every object's key.")
    private @Nullable String prefix;

    @Option(
            names = "--every-steps",
            paramLabel = "N",
            description = "Report progress at every N steps. Default: 1")
    private @Nullable Integer everySteps;

    @Option(names = "--no-preview", description = "Report progress without small pictures.")
    private boolean withoutPreview;

    @Option(
            names = "--deadline",
            paramLabel = "TIME",
            description = "The job fails when this passes, for example 2030-01-31T12:00:00Z.")
    private @Nullable Instant deadline;

    @Option(
            names = "--max-attempts",
            paramLabel = "N",
            description = "Failures after which the job fails for good.")
    private @Nullable Integer maxAttempts;

    @Option(
            names = "--label",
            paramLabel = "KEY=VALUE",
            description = "Repeated in every event; may be given several times.")
    private Map<String, String> labels = new LinkedHashMap<>();

    /// One control network: `--control` opens it, the others say more about it.
    static final class ControlOptions {
        @Option(
                names = "--control",
                required = true,
                paramLabel = "URI",
                description = "Picture for a control network; may be given several times.")
        private String image = "";

        @Option(
                names = "--control-model",
                paramLabel = "NAME",
                description = "Which network. Default: the model's own")
        private @Nullable String model;

        @Option(
                names = "--control-scale",
                paramLabel = "S",
                description = "Its strength. Default: 1")
        private @Nullable Double scale;

        @Option(
                names = "--control-start",
                paramLabel = "S",
                description = "Share of the steps after which it begins. Default: 0")
        private @Nullable Double start;

        @Option(
                names = "--control-end",
                paramLabel = "S",
                description = "Share of the steps after which it stops. Default: 1")
        private @Nullable Double end;

        private Control control() {
            return new Control(
                    Objects.requireNonNullElse(model, "default"),
                    new InputUri(image),
                    Objects.requireNonNullElse(scale, 1.0),
                    Objects.requireNonNullElse(start, 0.0),
                    Objects.requireNonNullElse(end, 1.0));
        }
    }

    /// A job of these options in the making.
    JobBuilder job() {
        JobBuilder job = image.job(prompt);
        ImageOptions.set(width, job::width);
        ImageOptions.set(height, job::height);
        ImageOptions.set(init, job::init);
        ImageOptions.set(strength, job::strength);
        ImageOptions.set(mask, job::mask);
        controls.forEach(network -> job.control(network.control()));
        ImageOptions.set(format, job::format);
        ImageOptions.set(quality, job::quality);
        ImageOptions.set(prefix, job::prefix);
        ImageOptions.set(everySteps, job::everySteps);
        if (withoutPreview) {
            job.withoutPreview();
        }
        ImageOptions.set(deadline, job::deadline);
        ImageOptions.set(maxAttempts, job::maxAttempts);
        labels.forEach(job::label);
        return job;
    }
}
