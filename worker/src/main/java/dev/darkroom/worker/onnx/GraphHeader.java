package dev.darkroom.worker.onnx;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;

/// The names of a graph's inputs and outputs, the sizes that its inputs must have, and the names of
/// the files that hold its weights, read from its ONNX file without loading it: a folder can be
/// refused before any native code runs.
///
/// @param inputs those that a caller must give
/// @param sizes of the axes of its inputs, by name, −1 where any size will do; an input of a kind
///   other than a tensor, or of unknown rank, has none
/// @param outputs those that it gives
/// @param weights files beside it, as paths relative to its folder
/// @param wholeTimestep where in the file it says that the input `timestep` takes whole numbers (a
///   byte); nothing when it does not say so
public record GraphHeader(
        Set<String> inputs,
        Map<String, List<Long>> sizes,
        Set<String> outputs,
        Set<String> weights,
        OptionalLong wholeTimestep) {
    // Field numbers of `onnx/onnx.proto3`: ModelProto, GraphProto, NodeProto, AttributeProto,
    // TensorProto, ValueInfoProto, TypeProto, TypeProto.Tensor, TensorShapeProto with its
    // Dimension, StringStringEntryProto.
    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_NODE = 1;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int GRAPH_INPUT = 11;
    private static final int GRAPH_OUTPUT = 12;
    private static final int NODE_ATTRIBUTE = 5;
    private static final int ATTRIBUTE_TENSOR = 5;
    private static final int ATTRIBUTE_GRAPH = 6;
    private static final int ATTRIBUTE_TENSORS = 10;
    private static final int ATTRIBUTE_GRAPHS = 11;
    private static final int TENSOR_NAME = 8;
    private static final int TENSOR_EXTERNAL = 13;
    private static final int VALUE_NAME = 1;
    private static final int VALUE_TYPE = 2;
    private static final int TYPE_TENSOR = 1;
    private static final int TENSOR_ELEMENT = 1;
    private static final int TENSOR_SHAPE = 2;
    private static final int SHAPE_AXIS = 1;
    private static final int AXIS_SIZE = 1;

    /// `TensorProto.DataType`.
    private static final int INT32 = 6;

    private static final int INT64 = 7;

    private static final String TIMESTEP = "timestep";

    private static final int ENTRY_KEY = 1;
    private static final int ENTRY_VALUE = 2;

    /// The key of an external tensor's file.
    private static final String LOCATION = "location";

    // Wire types of protocol buffers.
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    /// No name is longer than this.
    private static final int GREATEST_NAME = 1 << 16;

    /// The header of the graph in this file.
    ///
    /// @throws IOException when it cannot be read, or is no ONNX model
    public static GraphHeader read(Path file) throws IOException {
        try (Reader reader = new Reader(new BufferedInputStream(Files.newInputStream(file)))) {
            return reader.model(Files.size(file));
        }
    }

    /// What is done with a field that has a length.
    @FunctionalInterface
    private interface Field {
        /// Reads as much of it as it likes to.
        void read(int number, long length) throws IOException;
    }

    /// What is done with a field that is a number.
    @FunctionalInterface
    private interface Varint {
        /// @param at where in the file the number begins
        void read(int number, long at, long value);
    }

    /// The names of one graph; those of graphs within it are of no interest to callers.
    private static final class Names {
        final Set<String> initializers = new LinkedHashSet<>();
        final Set<String> inputs = new LinkedHashSet<>();
        final Map<String, List<Long>> sizes = new HashMap<>();
        final Set<String> outputs = new LinkedHashSet<>();
    }

    /// What is declared of an input or output.
    private static final class Value {
        String name = "";
        OptionalLong whole = OptionalLong.empty();
        final List<Long> sizes = new ArrayList<>();
    }

    /// Walks over a protocol buffer; everything but names is skipped.
    private static final class Reader implements AutoCloseable {
        private final InputStream in;
        private long position;
        private final Set<String> weights = new LinkedHashSet<>();
        private OptionalLong wholeTimestep = OptionalLong.empty();

        Reader(InputStream in) {
            this.in = in;
        }

        GraphHeader model(long end) throws IOException {
            Names names = new Names();
            message(
                    end,
                    (number, length) -> {
                        if (number == MODEL_GRAPH) {
                            graph(length, names);
                        }
                    });
            if (names.inputs.isEmpty() || names.outputs.isEmpty()) {
                throw new IOException("it holds no graph with inputs and outputs");
            }
            // Old files list the weights among the inputs.
            names.inputs.removeAll(names.initializers);
            names.sizes.keySet().retainAll(names.inputs);
            return new GraphHeader(
                    names.inputs, names.sizes, names.outputs, weights, wholeTimestep);
        }

        private void graph(long end, Names names) throws IOException {
            message(
                    end,
                    (number, length) -> {
                        switch (number) {
                            case GRAPH_NODE -> node(length);
                            case GRAPH_INITIALIZER -> tensor(length, names.initializers);
                            case GRAPH_INPUT -> {
                                Value value = value(length);
                                names.inputs.add(value.name);
                                names.sizes.put(value.name, List.copyOf(value.sizes));
                                if (TIMESTEP.equals(value.name)) {
                                    wholeTimestep = value.whole;
                                }
                            }
                            case GRAPH_OUTPUT -> names.outputs.add(value(length).name);
                            default -> {}
                        }
                    });
        }

        /// A node may hold tensors and whole graphs of its own.
        private void node(long end) throws IOException {
            message(
                    end,
                    (number, length) -> {
                        if (number == NODE_ATTRIBUTE) {
                            message(length, this::attribute);
                        }
                    });
        }

        private void attribute(int number, long length) throws IOException {
            switch (number) {
                case ATTRIBUTE_TENSOR, ATTRIBUTE_TENSORS -> tensor(length, new LinkedHashSet<>());
                case ATTRIBUTE_GRAPH, ATTRIBUTE_GRAPHS -> graph(length, new Names());
                default -> {}
            }
        }

        private Value value(long end) throws IOException {
            Value value = new Value();
            message(
                    end,
                    (number, length) -> {
                        if (number == VALUE_NAME) {
                            value.name = text(length);
                        } else if (number == VALUE_TYPE) {
                            message(
                                    length,
                                    (kind, size) -> {
                                        if (kind == TYPE_TENSOR) {
                                            type(size, value);
                                        }
                                    });
                        }
                    });
            return value;
        }

        private void type(long end, Value of) throws IOException {
            message(
                    end,
                    (number, length) -> {
                        if (number == TENSOR_SHAPE) {
                            message(
                                    length,
                                    (axis, size) -> {
                                        if (axis == SHAPE_AXIS) {
                                            of.sizes.add(axis(size));
                                        }
                                    });
                        }
                    },
                    (number, position, type) -> {
                        if (number == TENSOR_ELEMENT && (type == INT32 || type == INT64)) {
                            of.whole = OptionalLong.of(position);
                        }
                    });
        }

        /// The size of an axis, −1 where it is a name or nothing.
        private long axis(long end) throws IOException {
            long[] size = {-1};
            message(
                    end,
                    (_, _) -> {},
                    (number, _, value) -> {
                        if (number == AXIS_SIZE) {
                            size[0] = value;
                        }
                    });
            return size[0];
        }

        private void tensor(long end, Set<String> into) throws IOException {
            message(
                    end,
                    (number, length) -> {
                        if (number == TENSOR_NAME) {
                            into.add(text(length));
                        } else if (number == TENSOR_EXTERNAL) {
                            external(length);
                        }
                    });
        }

        private void external(long end) throws IOException {
            String[] entry = {"", ""};
            message(
                    end,
                    (number, length) -> {
                        if (number == ENTRY_KEY || number == ENTRY_VALUE) {
                            entry[number - ENTRY_KEY] = text(length);
                        }
                    });
            if (entry[0].equals(LOCATION)) {
                weights.add(entry[1]);
            }
        }

        private void message(long length, Field field) throws IOException {
            message(length, field, (_, _, _) -> {});
        }

        private void message(long length, Field field, Varint number) throws IOException {
            long end = position + length;
            while (position < end) {
                long tag = varint();
                int wireType = (int) tag & 7;
                switch (wireType) {
                    case VARINT -> {
                        long at = position;
                        number.read((int) (tag >>> 3), at, varint());
                    }
                    case FIXED64 -> skipTo(position + Long.BYTES);
                    case FIXED32 -> skipTo(position + Integer.BYTES);
                    case LENGTH_DELIMITED -> {
                        long size = varint();
                        if (size < 0 || size > end - position) {
                            throw noModel();
                        }
                        long next = position + size;
                        field.read((int) (tag >>> 3), size);
                        skipTo(next);
                    }
                    default -> throw noModel();
                }
            }
            if (position > end) {
                throw noModel();
            }
        }

        private String text(long length) throws IOException {
            if (length > GREATEST_NAME) {
                throw noModel();
            }
            byte[] bytes = in.readNBytes((int) length);
            position += bytes.length;
            if (bytes.length < length) {
                throw new EOFException("it ends too early");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }

        private void skipTo(long next) throws IOException {
            in.skipNBytes(next - position);
            position = next;
        }

        private long varint() throws IOException {
            long value = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("it ends too early");
                }
                position++;
                value |= (next & 0x7FL) << shift;
                if (next < 0x80) {
                    return value;
                }
            }
            throw noModel();
        }

        private static IOException noModel() {
            return new IOException("it is no ONNX model");
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
