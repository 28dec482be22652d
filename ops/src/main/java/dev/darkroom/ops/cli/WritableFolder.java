package dev.darkroom.ops.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder that the user named for files to come.
final class WritableFolder {
    private WritableFolder() {}

    /// Creates the folder unless it exists.
    ///
    /// @param option that named it
    /// @throws CommandException when it cannot be created or written, before any work is done
    static void create(String option, Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CommandException(
                    Exit.USAGE,
                    option + " is " + folder + ", which cannot be created: " + Reason.of(e),
                    e);
        }
        if (!Files.isWritable(folder)) {
            throw new CommandException(
                    Exit.USAGE,
                    option + " is " + folder + ", which cannot be written: permission is denied");
        }
    }
}
