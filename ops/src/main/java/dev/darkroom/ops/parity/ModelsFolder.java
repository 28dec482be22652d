package dev.darkroom.ops.parity;

import java.nio.file.Path;

/// A folder of models: the same families may lie in several, as different exporters wrote them.
///
/// @param label what it is called in reports
/// @param path where it lies
/// @param notes the folder whose models' `darkroom.json` stand in for those that are absent here
public record ModelsFolder(String label, Path path, Path notes) {}
