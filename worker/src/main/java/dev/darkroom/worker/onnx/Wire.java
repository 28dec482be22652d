package dev.darkroom.worker.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.darkroom.worker.device.Signature.ElementType;
import dev.darkroom.worker.device.Signature.Port;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One input or output of a graph, with the direct memory in which values of its element type are
/// made from, or turned into, ours. The memory is reused, and as large as the largest call needed.
///
/// Owned by the device thread.
final class Wire {
    private final String graph;
    private final Port port;
    private @Nullable ByteBuffer memory;
    private @Nullable FloatTensor decoded;

    /// A wire without memory yet.
    Wire(String graph, Port port) {
        this.graph = graph;
        this.port = port;
    }

    /// What the graph declares.
    Port port() {
        return port;
    }

    /// A native tensor over `tensor` itself where the types agree, else over converted values:
    /// integers from floats by dropping the fraction, true from anything but 0. The caller closes
    /// it, and leaves `tensor` alone until then.
    ///
    /// @throws IllegalArgumentException when rank or fixed sizes differ from the declared ones, or
    ///   a value has no place in the declared type
    OnnxTensor input(OrtEnvironment environment, Tensor tensor) throws OrtException {
        check(tensor);
        long[] sizes = tensor.shape().toLongs();
        if (port.type() == ElementType.FLOAT32 && tensor instanceof FloatTensor floats) {
            return OnnxTensor.createTensor(environment, floats.buffer(), sizes);
        }
        if (port.type() == ElementType.INT64 && tensor instanceof LongTensor longs) {
            return OnnxTensor.createTensor(environment, longs.buffer(), sizes);
        }
        ByteBuffer bytes = memory(tensor.shape().elements());
        for (int i = 0; i < tensor.shape().elements(); i++) {
            switch (tensor) {
                case FloatTensor floats -> put(bytes, i, floats.get(i));
                case LongTensor longs -> put(bytes, i, longs.get(i));
            }
        }
        return OnnxTensor.createTensor(environment, bytes, sizes, javaType());
    }

    /// A native tensor of this shape for the graph to write to. The caller closes it.
    OnnxTensor output(OrtEnvironment environment, Shape shape) throws OrtException {
        return OnnxTensor.createTensor(
                environment, memory(shape.elements()), shape.toLongs(), javaType());
    }

    /// What the graph wrote to the last [#output], as floats. Valid until the next call.
    FloatTensor decode(Shape shape) {
        ByteBuffer bytes = memory(shape.elements());
        if (port.type() == ElementType.FLOAT32) {
            return FloatTensor.over(shape, bytes.asFloatBuffer());
        }
        FloatTensor held = decoded;
        if (held == null || held.shape().elements() < shape.elements()) {
            held = FloatTensor.allocate(Shape.of(shape.elements()));
            decoded = held;
        }
        for (int i = 0; i < shape.elements(); i++) {
            held.set(i, get(bytes, i));
        }
        return FloatTensor.over(shape, held.buffer());
    }

    /// Takes the values of an output that the runtime put into memory of its own, for [#decode].
    void take(OnnxTensor tensor, Shape shape) {
        memory(shape.elements()).put(0, tensor.getByteBuffer(), 0, shape.elements() * width());
    }

    /// Lets go of the memory.
    void release() {
        memory = null;
        decoded = null;
    }

    private void check(Tensor tensor) {
        Shape shape = tensor.shape();
        List<Long> declared = port.dimensions();
        boolean fits = shape.rank() == declared.size();
        for (int axis = 0; fits && axis < shape.rank(); axis++) {
            fits = declared.get(axis) < 0 || declared.get(axis) == shape.size(axis);
        }
        if (!fits) {
            throw new IllegalArgumentException(
                    graph
                            + ": input "
                            + port.name()
                            + " has shape "
                            + shape
                            + ", the graph declares "
                            + declared
                            + " (-1: any)");
        }
    }

    private void put(ByteBuffer bytes, int index, float value) {
        switch (port.type()) {
            case FLOAT32 -> bytes.putFloat(index * Float.BYTES, value);
            case FLOAT16 -> bytes.putShort(index * Short.BYTES, Float.floatToFloat16(value));
            case INT64, INT32, BOOL -> {
                if (!Float.isFinite(value)) {
                    throw new IllegalArgumentException(
                            graph + ": input " + port.name() + " is of integers, got " + value);
                }
                if (port.type() == ElementType.BOOL) {
                    bytes.put(index, (byte) (value == 0 ? 0 : 1));
                } else {
                    put(bytes, index, (long) value);
                }
            }
        }
    }

    private void put(ByteBuffer bytes, int index, long value) {
        switch (port.type()) {
            case FLOAT32 -> bytes.putFloat(index * Float.BYTES, (float) value);
            case FLOAT16 ->
                    bytes.putShort(index * Short.BYTES, Float.floatToFloat16((float) value));
            case INT64 -> bytes.putLong(index * Long.BYTES, value);
            case INT32 -> {
                if (value != (int) value) {
                    throw new IllegalArgumentException(
                            graph
                                    + ": input "
                                    + port.name()
                                    + " is of 32-bit integers, got "
                                    + value);
                }
                bytes.putInt(index * Integer.BYTES, (int) value);
            }
            case BOOL -> bytes.put(index, (byte) (value == 0 ? 0 : 1));
        }
    }

    private float get(ByteBuffer bytes, int index) {
        return switch (port.type()) {
            case FLOAT32 -> bytes.getFloat(index * Float.BYTES);
            case FLOAT16 -> Float.float16ToFloat(bytes.getShort(index * Short.BYTES));
            case INT64 -> (float) bytes.getLong(index * Long.BYTES);
            case INT32 -> (float) bytes.getInt(index * Integer.BYTES);
            case BOOL -> bytes.get(index);
        };
    }

    private ByteBuffer memory(int elements) {
        int bytes = Math.multiplyExact(elements, width());
        ByteBuffer held = memory;
        if (held == null || held.capacity() < bytes) {
            held = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
            memory = held;
        }
        return held.slice(0, bytes).order(ByteOrder.nativeOrder());
    }

    private int width() {
        return switch (port.type()) {
            case FLOAT32, INT32 -> Integer.BYTES;
            case FLOAT16 -> Short.BYTES;
            case INT64 -> Long.BYTES;
            case BOOL -> 1;
        };
    }

    private OnnxJavaType javaType() {
        return switch (port.type()) {
            case FLOAT32 -> OnnxJavaType.FLOAT;
            case FLOAT16 -> OnnxJavaType.FLOAT16;
            case INT64 -> OnnxJavaType.INT64;
            case INT32 -> OnnxJavaType.INT32;
            case BOOL -> OnnxJavaType.BOOL;
        };
    }
}
