package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// What a multistep run remembers of the calls before: the last model outputs, or what they
/// implied, and how many steps it made.
final class History {
    private final FloatTensor[] outputs;
    private int steps;
    private int added;

    /// Room for the last `capacity` outputs of this shape.
    History(int capacity, Shape shape) {
        outputs = new FloatTensor[capacity];
        for (int i = 0; i < capacity; i++) {
            outputs[i] = FloatTensor.allocate(shape);
        }
    }

    /// The steps made so far.
    int steps() {
        return steps;
    }

    /// Counts a step.
    void countStep() {
        steps++;
    }

    /// The number of outputs remembered.
    int size() {
        return Math.min(added, outputs.length);
    }

    /// The tensor to write the newest output into; it held the oldest.
    FloatTensor add() {
        return outputs[added++ % outputs.length];
    }

    /// The output that was added `age` before the newest, `age` below [#size].
    FloatTensor last(int age) {
        if (age >= size()) {
            throw new IllegalStateException("only " + size() + " outputs are remembered");
        }
        return outputs[(added - 1 - age) % outputs.length];
    }
}
