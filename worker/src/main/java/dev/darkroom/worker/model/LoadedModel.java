package dev.darkroom.worker.model;

import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.device.Graph;
import java.util.Map;

/// A model that is ready to run: what its folder says, and its graphs on the device. Immutable;
/// many jobs use one at a time, each under a [ModelLease].
///
/// @param blueprint configuration and vocabularies
/// @param digest `sha256:` and the digest over the folder's files
/// @param graphs by part
public record LoadedModel(Blueprint blueprint, String digest, Map<String, Graph> graphs) {
    /// Copies the map.
    public LoadedModel {
        graphs = Map.copyOf(graphs);
    }

    /// Its name in the catalogue.
    public ModelId name() {
        return blueprint.name();
    }

    /// The graph of this part.
    ///
    /// @throws IllegalArgumentException when the pipeline's class has none of that name
    public Graph graph(String component) {
        return blueprint.part(graphs, component);
    }
}
