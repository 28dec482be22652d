package dev.darkroom.ops.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// Where models lie.
final class ModelsOptions {
    @Option(
            names = "--models",
            paramLabel = "DIR",
            defaultValue = "${env:DARKROOM_MODELS_FOLDER:-${sys:darkroom.models:-models}}",
            description =
                    "The folder that holds a folder per model (DARKROOM_MODELS_FOLDER)."
                            + " Now: ${DEFAULT-VALUE}")
    private Path models = Path.of("models");

    /// The folder.
    ///
    /// @throws CommandException when there is none
    Path folder() {
        if (!Files.isDirectory(models)) {
            throw new CommandException(
                    Exit.USAGE, "--models is " + models + "; legal: a folder that exists");
        }
        return models;
    }
}
