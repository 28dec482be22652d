package dev.darkroom.worker.device;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a job wants computed again and again: a graph and named inputs of `n` rows each, which the
/// job fills anew before each submission, and the outputs, which the lane fills.
///
/// Inputs: every tensor has shape `[n, …]`, also `timestep` (`[n]`): where the graph declares a
/// scalar, all rows must hold the same value, and only rows of equal value share a run. Inputs
/// named in `shared` have no batch axis; their content is part of the batch key.
///
/// Owned by the job's thread, except between submission and return, when the lane owns it. Outputs
/// are allocated at the first submission and reused, so that a step allocates nothing.
public final class Evaluation {
    private final Graph graph;
    private final int rows;
    private final Map<String, Tensor> inputs;
    private final Map<String, Tensor> shared;
    private final Map<String, FloatTensor> outputs = new LinkedHashMap<>();

    /// @throws IllegalArgumentException when an input that is not shared has another number of rows
    public Evaluation(
            Graph graph, int rows, Map<String, Tensor> inputs, Map<String, Tensor> shared) {
        inputs.forEach((name, tensor) -> {
            if (tensor.shape().rank() == 0 || tensor.shape().size(0) != rows) {
                throw new IllegalArgumentException(
                        name + " has shape " + tensor.shape() + ", wanted " + rows + " rows");
            }
        });
        this.graph = graph;
        this.rows = rows;
        this.inputs = Map.copyOf(inputs);
        this.shared = Map.copyOf(shared);
    }

    /// The graph to run.
    public Graph graph() {
        return graph;
    }

    /// The number of rows, `n`.
    public int rows() {
        return rows;
    }

    /// Inputs with a batch axis, by name.
    public Map<String, Tensor> inputs() {
        return inputs;
    }

    /// Inputs without a batch axis, by name.
    public Map<String, Tensor> shared() {
        return shared;
    }

    /// Outputs by name, `[n, …]`: filled when the submission has returned. The lane puts them here.
    public Map<String, FloatTensor> outputs() {
        return outputs;
    }

    /// The output of this name.
    ///
    /// @throws IllegalStateException when the graph gave none of that name
    public FloatTensor output(String name) {
        FloatTensor output = outputs.get(name);
        if (output == null) {
            throw new IllegalStateException(
                    graph.name() + " gave no output " + name + ", only " + outputs.keySet());
        }
        return output;
    }
}
