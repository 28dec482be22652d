package dev.darkroom.worker.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/// A tensor of 64-bit integer numbers on direct memory.
public final class LongTensor implements Tensor {
    private final Shape shape;
    private final LongBuffer elements;

    private LongTensor(Shape shape, LongBuffer elements) {
        this.shape = shape;
        this.elements = elements;
    }

    /// A new tensor of this shape, all zero.
    public static LongTensor allocate(Shape shape) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.multiplyExact(shape.elements(), Long.BYTES));
        return new LongTensor(shape, bytes.order(ByteOrder.nativeOrder()).asLongBuffer());
    }

    /// A new tensor that holds `values` in row-major order.
    ///
    /// @throws IllegalArgumentException when there are not as many values as the shape has elements
    public static LongTensor of(Shape shape, long... values) {
        if (values.length != shape.elements()) {
            throw new IllegalArgumentException(
                    "shape "
                            + shape
                            + " holds "
                            + shape.elements()
                            + " values, got "
                            + values.length);
        }
        LongTensor tensor = allocate(shape);
        tensor.elements.put(0, values);
        return tensor;
    }

    /// A tensor over the first `shape.elements()` elements of `elements`, sharing its memory.
    ///
    /// @throws IllegalArgumentException when the buffer is not direct or too small
    public static LongTensor over(Shape shape, LongBuffer elements) {
        if (!elements.isDirect() || elements.capacity() < shape.elements()) {
            throw new IllegalArgumentException(
                    "shape "
                            + shape
                            + " needs a direct buffer of "
                            + shape.elements()
                            + " elements");
        }
        return new LongTensor(shape, elements.slice(0, shape.elements()));
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /// The element at `index`, counted in row-major order.
    public long get(int index) {
        return elements.get(index);
    }

    /// Sets the element at `index`, counted in row-major order.
    public void set(int index, long value) {
        elements.put(index, value);
    }

    /// A view of all elements in row-major order, position 0, that shares this tensor's memory.
    public LongBuffer buffer() {
        return elements.duplicate().clear();
    }

    @Override
    public LongTensor rows(int from, int to) {
        Shape row = shape.row();
        if (from < 0 || to < from || to > shape.size(0)) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " of " + shape);
        }
        int length = (to - from) * row.elements();
        return new LongTensor(
                row.batchOf(to - from), elements.slice(from * row.elements(), length));
    }

    /// This tensor's elements under another shape of as many elements; memory is shared.
    public LongTensor reshape(Shape other) {
        if (other.elements() != shape.elements()) {
            throw new IllegalArgumentException(shape + " cannot be seen as " + other);
        }
        return new LongTensor(other, elements);
    }

    @Override
    public void copyFrom(Tensor source) {
        if (!(source instanceof LongTensor same) || !same.shape.equals(shape)) {
            throw new IllegalArgumentException("cannot copy " + source + " into " + this);
        }
        elements.put(0, same.elements, 0, shape.elements());
    }

    /// A new tensor with the same shape and elements.
    public LongTensor copy() {
        LongTensor copy = allocate(shape);
        copy.copyFrom(this);
        return copy;
    }

    /// All elements in row-major order, on the heap.
    public long[] toArray() {
        long[] values = new long[shape.elements()];
        elements.get(0, values);
        return values;
    }

    /// Type and shape, for example `long[2, 4, 64, 64]`; never the elements.
    @Override
    public String toString() {
        return "long" + shape;
    }
}
