package dev.darkroom.worker.model;

import dev.darkroom.worker.onnx.GraphHeader;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A part of a model with a graph of its own, and what its pipeline gives it and reads from it.
///
/// @param name of its folder
/// @param inputs what the pipeline gives; a graph that lacks one, or wants more, cannot be run
/// @param optional what the pipeline can give besides, to a graph that takes it
/// @param outputs what the pipeline cannot do without
record Part(String name, List<String> inputs, List<String> optional, List<String> outputs) {
    /// The graph's file.
    static final String GRAPH = "model.onnx";

    /// The inputs without a batch axis.
    static final Set<String> SHARED = Set.of("txt_ids", "img_ids");

    /// Copies the lists.
    Part {
        inputs = List.copyOf(inputs);
        optional = List.copyOf(optional);
        outputs = List.copyOf(outputs);
    }

    /// A part without optional inputs.
    static Part of(String name, List<String> inputs, String... outputs) {
        return new Part(name, inputs, List.of(), List.of(outputs));
    }

    /// The graph's path below the model's folder.
    String graph() {
        return name + "/" + GRAPH;
    }

    /// What keeps a graph with this header from being run: nothing, if it fits.
    List<String> problems(GraphHeader header, PipelineClass pipeline) {
        List<String> problems = new ArrayList<>();
        inputs.stream()
                .filter(input -> !header.inputs().contains(input))
                .forEach(input -> problems.add(graph() + " has no input " + input));
        header.inputs().stream()
                .filter(input -> !inputs.contains(input) && !optional.contains(input))
                .forEach(input ->
                        problems.add(
                                graph()
                                        + " wants the input "
                                        + input
                                        + ", which "
                                        + pipeline.wireName()
                                        + " does not give"));
        outputs.stream()
                .filter(output -> !header.outputs().contains(output))
                .forEach(output -> problems.add(graph() + " has no output " + output));
        return problems;
    }
}
