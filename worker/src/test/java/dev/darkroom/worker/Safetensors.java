package dev.darkroom.worker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A reader of `.safetensors` files: the reference data of the tests.
///
/// The format is a little-endian 64-bit header length, a JSON header that names each tensor's type,
/// shape and byte range, and the tensors' bytes.
public final class Safetensors {
    private static final String METADATA = "__metadata__";

    private final Path path;
    private final ByteBuffer data;
    private final Map<String, Entry> entries = new TreeMap<>();
    private final Map<String, String> metadata = new TreeMap<>();

    /// Where one tensor lies in the data, and how to read it.
    private record Entry(String type, Shape shape, int offset) {}

    private Safetensors(Path path, ByteBuffer file) {
        this.path = path;
        int headerLength = Math.toIntExact(file.getLong(0));
        this.data =
                file.slice(Long.BYTES + headerLength, file.capacity() - Long.BYTES - headerLength)
                        .order(ByteOrder.LITTLE_ENDIAN);
        byte[] header = new byte[headerLength];
        file.get(Long.BYTES, header);
        try {
            JsonNode root = new ObjectMapper().readTree(new String(header, StandardCharsets.UTF_8));
            for (Map.Entry<String, JsonNode> field : root.properties()) {
                if (field.getKey().equals(METADATA)) {
                    field.getValue()
                            .properties()
                            .forEach(entry ->
                                    metadata.put(entry.getKey(), entry.getValue().asText()));
                } else {
                    entries.put(field.getKey(), entry(field.getValue()));
                }
            }
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(path + " has no safetensors header", e);
        }
    }

    /// All of the file at `path`.
    ///
    /// @throws UncheckedIOException when it cannot be read
    /// @throws IllegalArgumentException when it is not a safetensors file
    public static Safetensors read(Path path) {
        try {
            ByteBuffer file = ByteBuffer.wrap(Files.readAllBytes(path));
            return new Safetensors(path, file.order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Entry entry(JsonNode node) {
        JsonNode sizes = node.required("shape");
        int[] shape = new int[sizes.size()];
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = sizes.get(axis).intValue();
        }
        return new Entry(
                node.required("dtype").textValue(),
                Shape.of(shape),
                node.required("data_offsets").get(0).intValue());
    }

    /// The free text that the writer put beside the tensors.
    public Map<String, String> metadata() {
        return Collections.unmodifiableMap(metadata);
    }

    /// The names of the tensors.
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /// The tensor `name`, which is of type F32, as a new tensor.
    ///
    /// @throws IllegalArgumentException when there is none, or its type is another
    public FloatTensor floats(String name) {
        Entry entry = find(name);
        if (!entry.type.equals("F32")) {
            throw new IllegalArgumentException(name + " in " + path + " is " + entry.type);
        }
        FloatTensor tensor = FloatTensor.allocate(entry.shape);
        for (int i = 0; i < entry.shape.elements(); i++) {
            tensor.set(i, data.getFloat(entry.offset + i * Float.BYTES));
        }
        return tensor;
    }

    /// The elements of tensor `name`, of type F32, F64 or I64, in row-major order.
    ///
    /// @throws IllegalArgumentException when there is none, or its type is another
    public double[] doubles(String name) {
        Entry entry = find(name);
        double[] values = new double[entry.shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] =
                    switch (entry.type) {
                        case "F32" -> data.getFloat(entry.offset + i * Float.BYTES);
                        case "F64" -> data.getDouble(entry.offset + i * Double.BYTES);
                        case "I64" -> data.getLong(entry.offset + i * Long.BYTES);
                        default ->
                                throw new IllegalArgumentException(
                                        name + " in " + path + " is " + entry.type);
                    };
        }
        return values;
    }

    private Entry find(String name) {
        Entry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException(path + " has no " + name + ", it has " + names());
        }
        return entry;
    }
}
