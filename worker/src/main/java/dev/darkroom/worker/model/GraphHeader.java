package dev.darkroom.worker.model;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;

/// The names of a graph's inputs and outputs, read from its ONNX file without loading it: a folder
/// can be refused before any native code runs.
///
/// @param inputs those that a caller must give
/// @param outputs those that it gives
record GraphHeader(Set<String> inputs, Set<String> outputs) {
    // Field numbers of `onnx/onnx.proto3`: ModelProto, GraphProto, TensorProto, ValueInfoProto.
    private static final int MODEL_GRAPH = 7;
    private static final int GRAPH_INITIALIZER = 5;
    private static final int GRAPH_INPUT = 11;
    private static final int GRAPH_OUTPUT = 12;
    private static final int TENSOR_NAME = 8;
    private static final int VALUE_NAME = 1;

    // Wire types of protocol buffers.
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FIXED32 = 5;

    /// The header of the graph in this file.
    ///
    /// @throws IOException when it cannot be read, or is no ONNX model
    static GraphHeader read(Path file) throws IOException {
        try (Reader reader = new Reader(new BufferedInputStream(Files.newInputStream(file)))) {
            return reader.model(Files.size(file));
        }
    }

    /// Walks over a protocol buffer; everything but names is skipped.
    private static final class Reader implements AutoCloseable {
        private final InputStream in;
        private long position;
        private final Set<String> initializers = new LinkedHashSet<>();
        private final Set<String> inputs = new LinkedHashSet<>();
        private final Set<String> outputs = new LinkedHashSet<>();

        Reader(InputStream in) {
            this.in = in;
        }

        GraphHeader model(long end) throws IOException {
            while (position < end) {
                long tag = varint();
                if (tag == tag(MODEL_GRAPH)) {
                    graph(varint());
                } else {
                    skip((int) tag & 7);
                }
            }
            if (inputs.isEmpty() || outputs.isEmpty()) {
                throw new IOException("it holds no graph with inputs and outputs");
            }
            // Old files list the weights among the inputs.
            inputs.removeAll(initializers);
            return new GraphHeader(inputs, outputs);
        }

        private void graph(long length) throws IOException {
            long end = position + length;
            while (position < end) {
                long tag = varint();
                if (tag == tag(GRAPH_INITIALIZER)) {
                    name(varint(), TENSOR_NAME, initializers);
                } else if (tag == tag(GRAPH_INPUT)) {
                    name(varint(), VALUE_NAME, inputs);
                } else if (tag == tag(GRAPH_OUTPUT)) {
                    name(varint(), VALUE_NAME, outputs);
                } else {
                    skip((int) tag & 7);
                }
            }
        }

        private void name(long length, int field, Set<String> into) throws IOException {
            long end = position + length;
            while (position < end) {
                long tag = varint();
                if (tag == tag(field)) {
                    int size = Math.toIntExact(Math.min(varint(), end - position));
                    into.add(new String(in.readNBytes(size), StandardCharsets.UTF_8));
                    position += size;
                } else {
                    skip((int) tag & 7);
                }
            }
        }

        private static long tag(int field) {
            return (long) field << 3 | LENGTH_DELIMITED;
        }

        private void skip(int wireType) throws IOException {
            long length =
                    switch (wireType) {
                        case VARINT -> {
                            varint();
                            yield 0;
                        }
                        case FIXED64 -> 8;
                        case LENGTH_DELIMITED -> varint();
                        case FIXED32 -> 4;
                        default -> throw new IOException("it is no ONNX model");
                    };
            if (length < 0) {
                throw new IOException("it is no ONNX model");
            }
            in.skipNBytes(length);
            position += length;
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
            throw new IOException("it is no ONNX model");
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
