package dev.darkroom.ops.parity;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A folder of recorded cases, as it is laid out on the disk. Immutable.
///
/// @param path where it lies
/// @param checks all that there is to try, those of one model in a row
public record ParityFolder(Path path, List<Check> checks) {
    /// The folder of trajectories.
    static final String SCHEDULERS = "schedulers";

    private static final String MODELS = "models";
    private static final String CASES = "cases";
    private static final String INPUTS = "inputs";
    private static final String JSON = ".json";
    private static final String TENSORS = ".safetensors";

    /// Copies the list.
    public ParityFolder {
        checks = List.copyOf(checks);
    }

    /// Looks at a folder; reads no case.
    ///
    /// @param more other folders of models, beside the folder's own
    /// @throws ReferenceException when there is nothing to try
    /// @throws IOException when it cannot be listed
    public static ParityFolder read(Path path, List<Path> more) throws IOException {
        List<ModelsFolder> models = models(path, more);
        List<Check> checks = new ArrayList<>();
        for (Path family : children(path.resolve(CASES))) {
            checks.addAll(checks(name(family), titles(family, JSON), models));
        }
        Path schedulers = path.resolve(SCHEDULERS);
        for (String title : titles(schedulers, TENSORS)) {
            checks.add(new Check.OfScheduler(title, schedulers.resolve(title + TENSORS)));
        }
        if (checks.isEmpty()) {
            throw new ReferenceException(
                    path
                            + " has nothing to try; legal: a folder with "
                            + CASES
                            + "/<family>/<case>.json or "
                            + SCHEDULERS
                            + "/<case>.safetensors");
        }
        return new ParityFolder(path, checks);
    }

    /// The case's job, in short form.
    Path spec(Check.OfPipeline check) {
        return path.resolve(CASES).resolve(check.family()).resolve(check.title() + JSON);
    }

    /// What the reference computed for the case.
    Path reference(Check.OfPipeline check) {
        return path.resolve(CASES).resolve(check.family()).resolve(check.title() + TENSORS);
    }

    /// The pictures that jobs name.
    Path inputs() {
        return path.resolve(INPUTS);
    }

    private static List<ModelsFolder> models(Path path, List<Path> more) throws IOException {
        // A model that another exporter wrote is the same model: what people said of it stands in
        // the folder that they wrote it to.
        Path notes = path.resolve(MODELS);
        List<ModelsFolder> models = new ArrayList<>();
        for (Path folder : children(path)) {
            if (name(folder).startsWith(MODELS)) {
                models.add(new ModelsFolder(name(folder), folder, notes));
            }
        }
        more.forEach(folder -> models.add(new ModelsFolder("" + folder, folder, notes)));
        return models;
    }

    private static List<Check> checks(
            String family, List<String> titles, List<ModelsFolder> models) {
        List<Check> checks = new ArrayList<>();
        for (ModelsFolder folder : models) {
            if (Files.isDirectory(folder.path().resolve(family))) {
                titles.forEach(title -> checks.add(new Check.OfPipeline(family, title, folder)));
            }
        }
        if (checks.isEmpty()) {
            String looked =
                    models.stream().map(ModelsFolder::label).collect(Collectors.joining(", "));
            titles.forEach(title -> checks.add(new Check.WithoutModel(family, title, looked)));
        }
        return checks;
    }

    /// The folders below a folder, sorted; none where there is no such folder.
    private static List<Path> children(Path folder) throws IOException {
        return listed(folder).stream().filter(Files::isDirectory).toList();
    }

    /// The names of the files with this ending, without it, sorted.
    private static List<String> titles(Path folder, String ending) throws IOException {
        return listed(folder).stream()
                .filter(Files::isRegularFile)
                .map(ParityFolder::name)
                .filter(name -> name.endsWith(ending))
                .map(name -> name.substring(0, name.length() - ending.length()))
                .sorted()
                .toList();
    }

    private static List<Path> listed(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> found = Files.list(folder)) {
            return found.filter(child -> !name(child).startsWith(".")).sorted().toList();
        }
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
