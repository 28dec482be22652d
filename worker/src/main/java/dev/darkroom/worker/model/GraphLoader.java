package dev.darkroom.worker.model;

import dev.darkroom.worker.device.Graph;
import java.nio.file.Path;
import java.util.OptionalLong;

/// Loads graphs into the device's memory. Called on the device thread only.
@FunctionalInterface
public interface GraphLoader {
    /// The graph in this file.
    ///
    /// @param name for logs and metrics, for example `emoji/unet`
    Graph load(String name, Path file);

    /// The bytes that graphs, and all else that grows with them, take now, where that can be told:
    /// what a load adds is what the model takes.
    default OptionalLong memoryBytes() {
        return OptionalLong.empty();
    }
}
