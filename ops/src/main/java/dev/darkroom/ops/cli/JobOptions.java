package dev.darkroom.ops.cli;

import dev.darkroom.protocol.job.JobBuilder;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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

    @Mixin private final GuideOptions guides = new GuideOptions();

    @Mixin private final FormatOptions format = new FormatOptions();

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

    /// A job of these options in the making.
    ///
    /// @param files takes the local files that the options name
    JobBuilder job(InputFiles files) {
        JobBuilder job = image.job(prompt);
        ImageOptions.set(width, job::width);
        ImageOptions.set(height, job::height);
        guides.set(job, files);
        format.set(job);
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
