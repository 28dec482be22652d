package dev.darkroom.worker.model;

import dev.darkroom.worker.device.Graph;
import java.nio.file.Path;

/// Loads graphs into the device's memory. Called on the device thread only.
@FunctionalInterface
public interface GraphLoader {
    /// The graph in this file.
    ///
    /// @param name for logs and metrics, for example `emoji/unet`
    Graph load(String name, Path file);
}
