package dev.darkroom.worker.tensor;

import java.util.Arrays;

/// The sizes of a tensor's axes, outermost first. Immutable; a scalar has rank 0.
public final class Shape {
    private final int[] sizes;
    private final int elements;

    private Shape(int[] sizes) {
        long elements = 1;
        for (int size : sizes) {
            if (size < 0) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(sizes) + " has an axis below 0");
            }
            elements *= size;
            if (elements > Integer.MAX_VALUE) {
                throw new IllegalArgumentException(
                        "shape "
                                + Arrays.toString(sizes)
                                + " has more than "
                                + Integer.MAX_VALUE
                                + " elements");
            }
        }
        this.sizes = sizes;
        this.elements = (int) elements;
    }

    /// A shape of these sizes, each 0 or more, with at most `Integer.MAX_VALUE` elements together.
    public static Shape of(int... sizes) {
        return new Shape(sizes.clone());
    }

    /// The number of axes.
    public int rank() {
        return sizes.length;
    }

    /// The size of axis `axis`, counted from 0.
    public int size(int axis) {
        return sizes[axis];
    }

    /// The number of elements: the product of all sizes, 1 for a scalar.
    public int elements() {
        return elements;
    }

    /// This shape without its first axis: that of one row of a batch.
    public Shape row() {
        if (sizes.length == 0) {
            throw new IllegalStateException("a scalar has no rows");
        }
        return new Shape(Arrays.copyOfRange(sizes, 1, sizes.length));
    }

    /// This shape with an axis of `rows` before the first: a batch of tensors of this shape.
    public Shape batchOf(int rows) {
        int[] batched = new int[sizes.length + 1];
        batched[0] = rows;
        System.arraycopy(sizes, 0, batched, 1, sizes.length);
        return new Shape(batched);
    }

    /// This shape with another size of its first axis.
    public Shape withFirst(int size) {
        int[] changed = sizes.clone();
        changed[0] = size;
        return new Shape(changed);
    }

    /// This shape with another size of its last axis.
    public Shape withLast(int size) {
        int[] changed = sizes.clone();
        changed[changed.length - 1] = size;
        return new Shape(changed);
    }

    /// The size of the last axis.
    public int last() {
        return sizes[sizes.length - 1];
    }

    /// The sizes as `long`s, as native libraries want them.
    public long[] toLongs() {
        return Arrays.stream(sizes).asLongStream().toArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(sizes, shape.sizes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(sizes);
    }

    /// For example `[2, 4, 64, 64]`.
    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
