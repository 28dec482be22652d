package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.Map;

/// What a denoiser is told of the prompts and the picture, besides sample and timestep: the same at
/// every call.
///
/// @param rows how many rows the denoiser computes: as many as outputs, or twice as many with
///   guidance, the negative rows of all outputs first
/// @param inputs by the graph's names, `[rows, …]`
/// @param shared by the graph's names, without a batch axis
record Conditioning(int rows, Map<String, Tensor> inputs, Map<String, Tensor> shared) {
    /// Copies the maps.
    Conditioning {
        inputs = Map.copyOf(inputs);
        shared = Map.copyOf(shared);
    }

    /// Every row of `texts` `count` times in turn: `[t, …]` becomes `[t·count, …]`.
    static FloatTensor each(FloatTensor texts, int count) {
        int rows = texts.shape().size(0) * count;
        FloatTensor repeated = FloatTensor.allocate(texts.shape().row().batchOf(rows));
        for (int row = 0; row < rows; row++) {
            int text = row / count;
            repeated.rows(row, row + 1).copyFrom(texts.rows(text, text + 1));
        }
        return repeated;
    }

    /// One tensor after the other along the last axis: `[t, …, a]` and `[t, …, b]` become `[t, …, a
    /// + b]`.
    static FloatTensor joined(FloatTensor first, FloatTensor second) {
        int left = first.shape().last();
        int right = second.shape().last();
        int lines = first.shape().elements() / left;
        if (second.shape().elements() / right != lines) {
            throw new IllegalArgumentException(first + " and " + second + " do not fit");
        }
        FloatTensor joined = FloatTensor.allocate(first.shape().withLast(left + right));
        for (int line = 0; line < lines; line++) {
            for (int k = 0; k < left; k++) {
                joined.set(line * (left + right) + k, first.get(line * left + k));
            }
            for (int k = 0; k < right; k++) {
                joined.set(line * (left + right) + left + k, second.get(line * right + k));
            }
        }
        return joined;
    }

    /// One tensor's tokens after the other's: `[t, a, D]` and `[t, b, D]` become `[t, a + b, D]`.
    static FloatTensor followed(FloatTensor first, FloatTensor second) {
        int texts = first.shape().size(0);
        int left = first.shape().size(1);
        int right = second.shape().size(1);
        FloatTensor both =
                FloatTensor.allocate(Shape.of(texts, left + right, first.shape().last()));
        for (int text = 0; text < texts; text++) {
            FloatTensor row = both.rows(text, text + 1).reshape(both.shape().row());
            row.rows(0, left).copyFrom(first.rows(text, text + 1).reshape(first.shape().row()));
            row.rows(left, left + right)
                    .copyFrom(second.rows(text, text + 1).reshape(second.shape().row()));
        }
        return both;
    }

    /// The tensor with its last axis `size` long: with zeros after its end, or cut there, as the
    /// reference's `pad` does.
    static FloatTensor fitted(FloatTensor tensor, int size) {
        int own = tensor.shape().last();
        if (own == size) {
            return tensor;
        }
        if (own > size) {
            FloatTensor cut = FloatTensor.allocate(tensor.shape().withLast(size));
            for (int k = 0; k < cut.shape().elements(); k++) {
                cut.set(k, tensor.get(k / size * own + k % size));
            }
            return cut;
        }
        return joined(tensor, FloatTensor.allocate(tensor.shape().withLast(size - own)));
    }
}
