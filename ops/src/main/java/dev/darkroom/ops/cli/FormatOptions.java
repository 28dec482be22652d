package dev.darkroom.ops.cli;

import dev.darkroom.protocol.job.JobBuilder;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How pictures are encoded: options of the commands that make them.
final class FormatOptions {
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

    /// Hands on what was given.
    void set(JobBuilder job) {
        ImageOptions.set(format, job::format);
        ImageOptions.set(quality, job::quality);
    }
}
