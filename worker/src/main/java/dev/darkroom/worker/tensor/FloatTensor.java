package dev.darkroom.worker.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/// A tensor of 32-bit floating-point numbers on direct memory.
public final class FloatTensor implements Tensor {
    private final Shape shape;
    private final FloatBuffer elements;

    private FloatTensor(Shape shape, FloatBuffer elements) {
        this.shape = shape;
        this.elements = elements;
    }

    /// A new tensor of this shape, all zero.
    public static FloatTensor allocate(Shape shape) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.multiplyExact(shape.elements(), Float.BYTES));
        return new FloatTensor(shape, bytes.order(ByteOrder.nativeOrder()).asFloatBuffer());
    }

    /// A new tensor that holds `values` in row-major order.
    ///
    /// @throws IllegalArgumentException when there are not as many values as the shape has elements
    public static FloatTensor of(Shape shape, float... values) {
        if (values.length != shape.elements()) {
            throw new IllegalArgumentException(
                    "shape "
                            + shape
                            + " holds "
                            + shape.elements()
                            + " values, got "
                            + values.length);
        }
        FloatTensor tensor = allocate(shape);
        tensor.elements.put(0, values);
        return tensor;
    }

    /// A tensor over the first `shape.elements()` elements of `elements`, sharing its memory.
    ///
    /// @throws IllegalArgumentException when the buffer is not direct or too small
    public static FloatTensor over(Shape shape, FloatBuffer elements) {
        if (!elements.isDirect() || elements.capacity() < shape.elements()) {
            throw new IllegalArgumentException(
                    "shape "
                            + shape
                            + " needs a direct buffer of "
                            + shape.elements()
                            + " elements");
        }
        return new FloatTensor(shape, elements.slice(0, shape.elements()));
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /// The element at `index`, counted in row-major order.
    public float get(int index) {
        return elements.get(index);
    }

    /// Sets the element at `index`, counted in row-major order.
    public void set(int index, float value) {
        elements.put(index, value);
    }

    /// A view of all elements in row-major order, position 0, that shares this tensor's memory.
    public FloatBuffer buffer() {
        return elements.duplicate().clear();
    }

    @Override
    public FloatTensor rows(int from, int to) {
        Shape row = shape.row();
        if (from < 0 || to < from || to > shape.size(0)) {
            throw new IndexOutOfBoundsException("rows " + from + " to " + to + " of " + shape);
        }
        int length = (to - from) * row.elements();
        return new FloatTensor(
                row.batchOf(to - from), elements.slice(from * row.elements(), length));
    }

    /// This tensor's elements under another shape of as many elements; memory is shared.
    public FloatTensor reshape(Shape other) {
        if (other.elements() != shape.elements()) {
            throw new IllegalArgumentException(shape + " cannot be seen as " + other);
        }
        return new FloatTensor(other, elements);
    }

    @Override
    public void copyFrom(Tensor source) {
        if (!(source instanceof FloatTensor same) || !same.shape.equals(shape)) {
            throw new IllegalArgumentException("cannot copy " + source + " into " + this);
        }
        elements.put(0, same.elements, 0, shape.elements());
    }

    /// A new tensor with the same shape and elements.
    public FloatTensor copy() {
        FloatTensor copy = allocate(shape);
        copy.copyFrom(this);
        return copy;
    }

    /// All elements in row-major order, on the heap.
    public float[] toArray() {
        float[] values = new float[shape.elements()];
        elements.get(0, values);
        return values;
    }

    /// Type and shape, for example `float[2, 4, 64, 64]`; never the elements.
    @Override
    public String toString() {
        return "float" + shape;
    }
}
