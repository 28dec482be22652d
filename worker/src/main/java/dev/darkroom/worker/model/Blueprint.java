package dev.darkroom.worker.model;

import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.text.Tokenizer;
import java.util.HashMap;
import java.util.Map;

/// A model as far as it is known without its weights: what a job may ask of it can be told from
/// here, before anything is loaded. Immutable.
///
/// @param name in the catalogue
/// @param folder configuration
/// @param tokenizers by folder
public record Blueprint(ModelId name, ModelFolder folder, Map<String, Tokenizer> tokenizers) {
    /// Copies the map.
    public Blueprint {
        tokenizers = Map.copyOf(tokenizers);
    }

    /// Of a folder that was read and checked; reads its vocabularies.
    ///
    /// @throws dev.darkroom.worker.text.TokenizerException when one of them cannot be used
    static Blueprint of(ModelId name, ModelFolder folder) {
        Map<String, Tokenizer> tokenizers = new HashMap<>();
        for (String tokenizer : folder.tokenizers()) {
            tokenizers.put(tokenizer, Tokenizer.load(folder.path().resolve(tokenizer)));
        }
        return new Blueprint(name, folder, tokenizers);
    }

    /// The tokenizer of this folder.
    ///
    /// @throws IllegalArgumentException when the pipeline's class has none of that name
    public Tokenizer tokenizer(String folderName) {
        return part(tokenizers, folderName);
    }

    /// One part of the model by its name.
    <T> T part(Map<String, T> parts, String wanted) {
        T part = parts.get(wanted);
        if (part == null) {
            throw new IllegalArgumentException(
                    name + " has no " + wanted + ", only " + parts.keySet());
        }
        return part;
    }
}
