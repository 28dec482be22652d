package dev.darkroom.worker.model;

import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.text.ClipTokenizer;
import java.util.Map;

/// A model that is ready to run: its folder's configuration, its graphs on the device, its
/// vocabularies. Immutable; many jobs use one at a time, each under a [ModelLease].
///
/// @param name in the catalogue
/// @param folder configuration
/// @param digest `sha256:` and the digest over the folder's files
/// @param graphs by part
/// @param tokenizers by folder
public record LoadedModel(
        ModelId name,
        ModelFolder folder,
        String digest,
        Map<String, Graph> graphs,
        Map<String, ClipTokenizer> tokenizers) {
    /// Copies the maps.
    public LoadedModel {
        graphs = Map.copyOf(graphs);
        tokenizers = Map.copyOf(tokenizers);
    }

    /// The graph of this part.
    ///
    /// @throws IllegalArgumentException when the pipeline's class has none of that name
    public Graph graph(String component) {
        return part(graphs, component);
    }

    /// The tokenizer of this folder.
    ///
    /// @throws IllegalArgumentException when the pipeline's class has none of that name
    public ClipTokenizer tokenizer(String folderName) {
        return part(tokenizers, folderName);
    }

    private <T> T part(Map<String, T> parts, String wanted) {
        T part = parts.get(wanted);
        if (part == null) {
            throw new IllegalArgumentException(
                    name + " has no " + wanted + ", only " + parts.keySet());
        }
        return part;
    }
}
