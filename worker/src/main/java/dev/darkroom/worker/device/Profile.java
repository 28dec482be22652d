package dev.darkroom.worker.device;

import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// What decides how long a run takes: a graph, compared by identity, and the shapes of its inputs
/// without the batch axis.
final class Profile {
    private final Graph graph;
    private final Map<String, Form> forms;
    private final int hash;

    /// The profile of these inputs.
    static Profile of(Evaluation evaluation) {
        Map<String, Form> forms = new TreeMap<>();
        evaluation
                .inputs()
                .forEach((name, tensor) ->
                        forms.put(
                                name,
                                new Form(tensor.getClass(), Axis.BATCHED, tensor.shape().row())));
        evaluation
                .shared()
                .forEach((name, tensor) ->
                        forms.put(name, new Form(tensor.getClass(), Axis.SHARED, tensor.shape())));
        return new Profile(evaluation.graph(), forms);
    }

    private Profile(Graph graph, Map<String, Form> forms) {
        this.graph = graph;
        this.forms = forms;
        this.hash = 31 * System.identityHashCode(graph) + forms.hashCode();
    }

    /// The graph.
    Graph graph() {
        return graph;
    }

    /// Whether it is one of this very graph: graphs have no value to compare.
    @SuppressWarnings("ReferenceEquality")
    boolean isOf(Graph other) {
        return graph == other;
    }

    /// Whether the graph was exported for a batch of one and takes no other.
    boolean singleRow() {
        return graph.signature().inputs().stream()
                .anyMatch(port -> {
                    Form form = forms.get(port.name());
                    return form != null
                            && form.axis() == Axis.BATCHED
                            && !port.scalar()
                            && port.dimensions().getFirst() == 1;
                });
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Profile profile
                && profile.isOf(graph)
                && profile.forms.equals(forms);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /// For example `sample[4, 64, 64] timestep[]`.
    String shapes() {
        return forms.entrySet().stream()
                .map(form -> form.getKey() + form.getValue().shape())
                .collect(Collectors.joining(" "));
    }

    /// Graph and shapes.
    @Override
    public String toString() {
        return graph.name() + " " + shapes();
    }

    private enum Axis {
        BATCHED,
        SHARED
    }

    private record Form(Class<? extends Tensor> type, Axis axis, Shape shape) {}
}
