package dev.darkroom.worker.model;

import dev.darkroom.protocol.job.ModelId;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/// The blueprints of a catalogue's models: each read once, and again when its folder has changed.
/// Holds no more of them than the catalogue has models. Safe for any thread; two threads that come
/// at once may both read.
final class Blueprints {
    private final Catalogue catalogue;
    private final Map<ModelId, Kept> kept = new ConcurrentHashMap<>();

    /// Those of this catalogue.
    Blueprints(Catalogue catalogue) {
        this.catalogue = catalogue;
    }

    /// A blueprint, and what the folder looked like just before it was read.
    private record Kept(Map<String, Stamp> stamps, Blueprint blueprint) {}

    /// What tells that a file has changed, without reading it.
    private record Stamp(long bytes, long modified) {}

    /// The blueprint of this model as it lies on the disk now.
    ///
    /// @throws dev.darkroom.protocol.failure.FailureException `UNKNOWN_MODEL`
    /// @throws ModelFolderException with everything that is missing or wrong
    Blueprint of(ModelId name) {
        Path path = catalogue.folder(name);
        Kept known = kept.get(name);
        if (known != null && known.stamps.equals(stamps(known.blueprint.folder()))) {
            return known.blueprint;
        }
        ModelFolder folder = ModelFolder.read(path, catalogue.notes(name));
        Map<String, Stamp> stamps = stamps(folder);
        Blueprint blueprint = Blueprint.of(name, folder);
        kept.put(name, new Kept(stamps, blueprint));
        List<ModelId> names = catalogue.names();
        kept.keySet().retainAll(names);
        return blueprint;
    }

    /// Of every file that counts, and of the notes, whether there are any or not.
    private static Map<String, Stamp> stamps(ModelFolder folder) {
        Map<String, Stamp> stamps = new TreeMap<>();
        for (String file : folder.files()) {
            stamps.put(file, stamp(folder.path().resolve(file)));
        }
        for (Path notes : folder.notesFiles()) {
            stamps.put("" + notes, stamp(notes));
        }
        return stamps;
    }

    private static Stamp stamp(Path file) {
        return new Stamp(file.toFile().length(), file.toFile().lastModified());
    }
}
