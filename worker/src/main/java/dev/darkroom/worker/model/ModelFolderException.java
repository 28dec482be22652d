package dev.darkroom.worker.model;

import java.io.Serial;
import java.nio.file.Path;
import java.util.List;

/// A model folder that cannot be used: says everything that is missing or wrong at once.
public final class ModelFolderException extends RuntimeException {
    @Serial private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    /// A folder with these problems, at least one.
    ModelFolderException(Path folder, List<String> problems) {
        super("model folder " + folder + " cannot be used: " + String.join("; ", problems));
        this.problems = List.copyOf(problems);
    }

    /// What is missing or wrong, each with the file that it is about.
    public List<String> problems() {
        return problems;
    }
}
