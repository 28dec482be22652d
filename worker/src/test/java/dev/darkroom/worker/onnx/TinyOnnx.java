package dev.darkroom.worker.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes the smallest ONNX files that a test needs. Field numbers are those of `onnx.proto`, IR
/// version 8.
final class TinyOnnx {
    private TinyOnnx() {}

    /// `y = x`, one axis of any size.
    static Path identity(Path folder, String type) throws IOException {
        int code = code(type);
        byte[] node = join(text(1, "x"), text(2, "y"), text(4, "Identity"));
        byte[] graph =
                join(
                        bytes(1, node),
                        text(2, "identity"),
                        bytes(11, port("x", code)),
                        bytes(12, port("y", code)));
        return Files.write(folder.resolve(type + ".onnx"), model(graph));
    }

    /// `y = x + weights`, where the weights are in a file of their own.
    static Path addExternal(Path folder, float... weights) throws IOException {
        ByteBuffer raw =
                ByteBuffer.allocate(weights.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(weights);
        Files.write(folder.resolve("model.onnx_data"), raw.array());
        byte[] node = join(text(1, "x"), text(1, "w"), text(2, "y"), text(4, "Add"));
        byte[] tensor =
                join(
                        number(1, weights.length),
                        number(2, code("FLOAT32")),
                        text(8, "w"),
                        bytes(13, join(text(1, "location"), text(2, "model.onnx_data"))),
                        number(14, 1));
        byte[] graph =
                join(
                        bytes(1, node),
                        text(2, "add"),
                        bytes(5, tensor),
                        bytes(11, port("x", code("FLOAT32"))),
                        bytes(12, port("y", code("FLOAT32"))));
        return Files.write(folder.resolve("model.onnx"), model(graph));
    }

    private static int code(String type) {
        return switch (type) {
            case "FLOAT32" -> 1;
            case "INT32" -> 6;
            case "INT64" -> 7;
            case "BOOL" -> 9;
            case "FLOAT16" -> 10;
            case "BFLOAT16" -> 16;
            default -> throw new IllegalArgumentException(type);
        };
    }

    private static byte[] model(byte[] graph) {
        return join(number(1, 8), bytes(7, graph), bytes(8, number(2, 16)));
    }

    private static byte[] port(String name, int code) {
        byte[] axis = text(2, "n");
        byte[] tensor = join(number(1, code), bytes(2, bytes(1, axis)));
        return join(text(1, name), bytes(2, bytes(1, tensor)));
    }

    private static byte[] number(int field, long value) {
        return join(varint((long) field << 3), varint(value));
    }

    private static byte[] text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    private static byte[] bytes(int field, byte[] value) {
        return join(varint((long) field << 3 | 2), varint(value.length), value);
    }

    private static byte[] varint(long value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        long rest = value;
        while (rest > 127) {
            out.write((int) (rest & 127) | 128);
            rest >>= 7;
        }
        out.write((int) rest);
        return out.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
