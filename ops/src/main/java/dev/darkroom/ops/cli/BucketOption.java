package dev.darkroom.ops.cli;

import picocli.CommandLine.Option;

/// Where a fleet keeps outputs, and where files go that are to be inputs.
final class BucketOption {
    @Option(
            names = "--bucket",
            paramLabel = "NAME",
            defaultValue = "${env:DARKROOM_S3_BUCKET:-darkroom}",
            description = "The bucket (DARKROOM_S3_BUCKET). Now: ${DEFAULT-VALUE}")
    private String bucket = "";

    /// The bucket's name.
    String name() {
        return bucket;
    }
}
