package dev.darkroom.ops.cli;

import dev.darkroom.protocol.job.Control;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.protocol.job.JobBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/// The pictures that guide an output: options of the commands that make one. Each is a file of this
/// machine, or an address that the worker can read.
final class GuideOptions {
    @Option(
            names = "--init",
            paramLabel = "PICTURE",
            description =
                    "Picture to start from: a file (put into the bucket first), s3://bucket/key or a"
                            + " presigned https:// address.")
    private @Nullable String init;

    @Option(
            names = "--strength",
            paramLabel = "S",
            description = "Share of the steps applied to --init, above 0 to 1.")
    private @Nullable Double strength;

    @Option(
            names = "--mask",
            paramLabel = "PICTURE",
            description =
                    "Where --init may change: white changes, black stays. A file or an address.")
    private @Nullable String mask;

    @ArgGroup(exclusive = false, multiplicity = "0..*")
    private List<ControlOptions> controls = new ArrayList<>();

    /// One control network: `--control` opens it, the others say more about it.
    static final class ControlOptions {
        @Option(
                names = "--control",
                required = true,
                paramLabel = "PICTURE",
                description =
                        "Picture for a control network, a file or an address; may be given several"
                                + " times.")
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

        private Control control(InputFiles files) {
            return new Control(
                    Objects.requireNonNullElse(model, "default"),
                    new InputUri(files.address("--control", image)),
                    Objects.requireNonNullElse(scale, 1.0),
                    Objects.requireNonNullElse(start, 0.0),
                    Objects.requireNonNullElse(end, 1.0));
        }
    }

    /// Hands on what was given.
    ///
    /// @param files takes the local files that the options name
    void set(JobBuilder job, InputFiles files) {
        ImageOptions.set(init, picture -> job.init(files.address("--init", picture)));
        ImageOptions.set(strength, job::strength);
        ImageOptions.set(mask, picture -> job.mask(files.address("--mask", picture)));
        controls.forEach(network -> job.control(network.control(files)));
    }
}
