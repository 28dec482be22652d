package dev.darkroom.worker.model;

import dev.darkroom.worker.onnx.GraphHeader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What the graphs of a folder say of themselves.
///
/// @param headers by part; a part whose graph cannot be read has none
record Graphs(Map<String, GraphHeader> headers) {
    /// Copies the map.
    Graphs {
        headers = Map.copyOf(headers);
    }

    /// Those of these parts; what is missing or does not fit is noted.
    static Graphs read(
            Path folder, PipelineClass pipeline, List<Part> parts, List<String> problems) {
        Map<String, GraphHeader> headers = new HashMap<>();
        for (Part part : parts) {
            Path file = folder.resolve(part.graph());
            if (!Files.isRegularFile(file)) {
                problems.add(part.graph() + " is missing");
                continue;
            }
            try {
                GraphHeader header = GraphHeader.read(file);
                problems.addAll(part.problems(header, pipeline));
                for (String weights : header.weights()) {
                    checkWeights(folder, part, weights, problems);
                }
                checkRows(part, header, problems);
                headers.put(part.name(), header);
            } catch (IOException e) {
                problems.add(part.graph() + " is no usable ONNX file: " + e.getMessage());
            }
        }
        return new Graphs(headers);
    }

    /// A graph for several rows at a time cannot be given those of one job.
    private static void checkRows(Part part, GraphHeader header, List<String> problems) {
        header.sizes().entrySet().stream()
                .filter(input -> !Part.SHARED.contains(input.getKey()))
                .filter(input -> !input.getValue().isEmpty() && input.getValue().getFirst() > 1)
                .sorted(Map.Entry.comparingByKey())
                .forEach(input ->
                        problems.add(
                                part.graph()
                                        + " takes "
                                        + input.getValue().getFirst()
                                        + " rows of "
                                        + input.getKey()
                                        + " at a time; legal: one, or any number"));
    }

    /// A graph may keep weights in files of its own folder, where the digest covers them.
    private static void checkWeights(
            Path folder, Part part, String weights, List<String> problems) {
        Optional<Path> file = FolderChecks.inside(folder.resolve(part.name()), weights);
        if (file.isEmpty() || file.get().getFileName().toString().startsWith(".")) {
            problems.add(
                    part.graph()
                            + " keeps weights in '"
                            + weights
                            + "'; legal: a file in "
                            + part.name()
                            + " that is not hidden");
        } else if (!Files.isRegularFile(file.get())) {
            problems.add(
                    part.name()
                            + "/"
                            + weights
                            + ", where "
                            + part.graph()
                            + " keeps weights, is missing");
        }
    }

    /// Whether a part's graph gives this output.
    boolean gives(String part, String output) {
        GraphHeader header = headers.get(part);
        return header != null && header.outputs().contains(output);
    }

    /// The one size of an input's axis that a part's graph takes; nothing where it takes any, or
    /// has no such part, input or axis.
    OptionalInt fixed(String part, String input, int axis) {
        GraphHeader header = headers.get(part);
        List<Long> sizes =
                header == null ? List.of() : header.sizes().getOrDefault(input, List.of());
        return axis < sizes.size() && sizes.get(axis) > 0
                ? OptionalInt.of(Math.toIntExact(sizes.get(axis)))
                : OptionalInt.empty();
    }
}
