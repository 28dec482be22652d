package dev.darkroom.worker.tensor;

/// A dense array of numbers with a [Shape], on direct memory in native byte order.
///
/// Mutable and not synchronised: one thread owns a tensor at a time.
public sealed interface Tensor permits FloatTensor, LongTensor {
    /// The sizes of its axes.
    Shape shape();

    /// A view of the rows `from` to `to - 1` of the first axis; it shares this tensor's memory.
    Tensor rows(int from, int to);

    /// Copies all of `source`, which has the same type and shape, into this tensor.
    ///
    /// @throws IllegalArgumentException when the type or the shape differs
    void copyFrom(Tensor source);
}
