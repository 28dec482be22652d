package dev.darkroom.worker.model;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.ModelId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The models of a lane by name: every folder directly below one root that holds a
/// `model_index.json`, named as the folder is.
///
/// Looks at the disk whenever it is asked, so that a folder can be added while the worker runs. A
/// [ModelId] cannot hold a path: no name leads out of the root.
public final class Catalogue {
    private final Path root;
    private final Path notes;

    /// The models below `root`.
    ///
    /// @throws IllegalArgumentException when that is not a folder
    public Catalogue(Path root) {
        this(root, root);
    }

    /// The models below `root`; one without a `darkroom.json` of its own takes that of the model of
    /// its name below `notes`, which is the same model as another exporter wrote it.
    ///
    /// @param notes need not exist
    /// @throws IllegalArgumentException when `root` is not a folder
    public Catalogue(Path root, Path notes) {
        if (!Files.isDirectory(root)) {
            throw new IllegalArgumentException(
                    "the folder of models is " + root + "; legal: a folder that exists");
        }
        this.root = root;
        this.notes = notes;
    }

    /// All names, sorted.
    public List<ModelId> names() {
        try (Stream<Path> folders = Files.list(root)) {
            return folders.filter(folder -> Files.isRegularFile(folder.resolve("model_index.json")))
                    .map(folder -> folder.getFileName().toString())
                    .filter(name -> ModelId.LEGAL.matcher(name).matches())
                    .sorted()
                    .map(ModelId::new)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the models in " + root + " cannot be listed", e);
        }
    }

    /// The folder of this name.
    ///
    /// @throws FailureException `UNKNOWN_MODEL` with the names that there are, the nearest first
    public Path folder(ModelId name) {
        List<String> known = names().stream().map(ModelId::value).toList();
        if (!known.contains(name.value())) {
            String legal =
                    known.isEmpty()
                            ? "none, since this worker has no models"
                            : String.join(", ", Nearest.first(name.value(), known));
            throw new FailureException(
                    Failure.of(
                            FailureCode.UNKNOWN_MODEL,
                            List.of(new Violation("model", name.value(), legal))));
        }
        return root.resolve(name.value());
    }

    /// The folder whose notes stand in for those that this model's own folder lacks: its own, where
    /// there is no other.
    Path notes(ModelId name) {
        return notes.resolve(name.value());
    }
}
