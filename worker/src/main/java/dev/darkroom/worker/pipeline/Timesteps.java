package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.device.Signature;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;

/// The `timestep` input of a denoiser, `[B]`, of the element type that the graph declares.
final class Timesteps {
    private Timesteps() {}

    /// A tensor for `rows` rows of this graph.
    static Tensor allocate(Graph graph, int rows) {
        Signature.ElementType type =
                graph.signature()
                        .input("timestep")
                        .map(Signature.Port::type)
                        .orElseThrow(() ->
                                new IllegalStateException(graph.name() + " has no input timestep"));
        return switch (type) {
            case FLOAT32, FLOAT16 -> FloatTensor.allocate(Shape.of(rows));
            case INT64, INT32, BOOL -> LongTensor.allocate(Shape.of(rows));
        };
    }

    /// Sets all rows to `timestep`. A graph that takes whole numbers gets the nearest.
    static void fill(Tensor timesteps, double timestep) {
        int rows = timesteps.shape().size(0);
        for (int row = 0; row < rows; row++) {
            switch (timesteps) {
                case FloatTensor floats -> floats.set(row, (float) timestep);
                case LongTensor longs -> longs.set(row, Math.round(timestep));
            }
        }
    }
}
