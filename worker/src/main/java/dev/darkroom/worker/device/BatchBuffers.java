package dev.darkroom.worker.device;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// The direct memory in which a run's inputs are put together: one buffer per input name, as large
/// as the largest run so far needed, reused for every run of every graph.
///
/// Owned by the device thread.
final class BatchBuffers {
    private final Map<String, FloatTensor> floats = new HashMap<>();
    private final Map<String, LongTensor> longs = new HashMap<>();

    /// The inputs of a run: every batched input's rows one after the other, a single element where
    /// the graph declares a scalar, and shared inputs once. Valid until the next call.
    Map<String, Tensor> gather(Batch batch) {
        Evaluation first = batch.slices().getFirst().work().evaluation();
        Signature signature = batch.key().graph().signature();
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        first.shared()
                .forEach((name, tensor) -> {
                    Tensor target = like(name, tensor, tensor.shape());
                    target.copyFrom(tensor);
                    inputs.put(name, target);
                });
        first.inputs()
                .forEach((name, tensor) -> {
                    if (signature.input(name).map(Signature.Port::scalar).orElse(false)) {
                        inputs.put(name, scalar(name, tensor));
                    } else {
                        inputs.put(name, rows(name, batch));
                    }
                });
        return inputs;
    }

    private Tensor rows(String name, Batch batch) {
        Tensor first = input(name, batch.slices().getFirst());
        Tensor target = like(name, first, first.shape().row().batchOf(batch.rows()));
        int row = 0;
        for (Slice slice : batch.slices()) {
            Tensor source = input(name, slice).rows(slice.from(), slice.to());
            target.rows(row, row + slice.rows()).copyFrom(source);
            row += slice.rows();
        }
        return target;
    }

    private Tensor scalar(String name, Tensor source) {
        Tensor target = like(name, source, Shape.of());
        switch (source) {
            case FloatTensor values -> ((FloatTensor) target).set(0, values.get(0));
            case LongTensor values -> ((LongTensor) target).set(0, values.get(0));
        }
        return target;
    }

    private static Tensor input(String name, Slice slice) {
        Tensor tensor = slice.work().evaluation().inputs().get(name);
        if (tensor == null) {
            throw new IllegalStateException("rows without " + name + " in a batch with it");
        }
        return tensor;
    }

    private Tensor like(String name, Tensor model, Shape shape) {
        return switch (model) {
            case FloatTensor _ -> {
                FloatTensor held = floats.get(name);
                if (held == null || held.shape().elements() < shape.elements()) {
                    held = FloatTensor.allocate(Shape.of(shape.elements()));
                    floats.put(name, held);
                }
                yield FloatTensor.over(shape, held.buffer());
            }
            case LongTensor _ -> {
                LongTensor held = longs.get(name);
                if (held == null || held.shape().elements() < shape.elements()) {
                    held = LongTensor.allocate(Shape.of(shape.elements()));
                    longs.put(name, held);
                }
                yield LongTensor.over(shape, held.buffer());
            }
        };
    }
}
