package dev.darkroom.worker.tensor;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// A `.safetensors` file: tensors by name, and free text beside them. Immutable; safe for any
/// thread while the file stays as it is.
///
/// The format is a little-endian 64-bit header length, a JSON header that names each tensor's type,
/// shape and byte range, and the tensors' bytes, row-major and little-endian. The header is read
/// and checked once, against the length of the file: a header that promises more than there is
/// costs no memory. Each tensor is read when it is asked for.
///
/// Source: `https://github.com/huggingface/safetensors`, "Format".
public final class Safetensors {
    /// The most bytes of a header: what the format allows.
    private static final long MOST_HEADER_BYTES = 100_000_000;

    private final Path path;
    private final long dataStart;
    private final Map<String, Entry> entries = new TreeMap<>();
    private final Map<String, String> metadata;

    /// Where one tensor lies in the data, and how to read it.
    private record Entry(String name, Type type, Shape shape, long begin, long end) {}

    /// How an element is written.
    private enum Type {
        F64(8),
        F32(4),
        F16(2),
        BF16(2),
        I64(8),
        I32(4),
        I16(2),
        I8(1),
        U8(1);

        final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        /// The next element of these bytes.
        double next(ByteBuffer from) {
            return switch (this) {
                case F64 -> from.getDouble();
                case F32 -> from.getFloat();
                case F16 -> Float.float16ToFloat(from.getShort());
                case BF16 -> Float.intBitsToFloat(from.getShort() << 16);
                case I64 -> from.getLong();
                case I32 -> from.getInt();
                case I16 -> from.getShort();
                case I8 -> from.get();
                case U8 -> from.get() & 0xff;
            };
        }

        /// Whether each of its values is one of single precision.
        boolean isFloat() {
            return this == F32 || this == F16 || this == BF16;
        }
    }

    private Safetensors(Path path, long dataStart, long dataBytes, SafetensorsHeader header)
            throws IOException {
        this.path = path;
        this.dataStart = dataStart;
        this.metadata = header.metadata();
        for (SafetensorsHeader.Tensor tensor : header.tensors()) {
            entries.put(tensor.name(), entry(tensor));
        }
        checkRanges(dataBytes);
    }

    /// The file at `path`, its header read and checked.
    ///
    /// @throws IOException when it cannot be read, or is not such a file: says what is wrong
    public static Safetensors read(Path path) throws IOException {
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            long size = file.size();
            if (size < Long.BYTES) {
                throw broken(path, "it has " + size + " bytes; legal: at least " + Long.BYTES);
            }
            long length = bytes(file, 0, Long.BYTES).getLong();
            long most = Math.min(MOST_HEADER_BYTES, size - Long.BYTES);
            if (length < 0 || length > most) {
                throw broken(
                        path,
                        "its header has "
                                + Long.toUnsignedString(length)
                                + " bytes; legal: 0 to "
                                + most);
            }
            String text =
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(bytes(file, Long.BYTES, (int) length))
                            .toString();
            long start = Long.BYTES + length;
            return new Safetensors(path, start, size - start, SafetensorsHeader.parse(text));
        } catch (CharacterCodingException e) {
            throw new IOException(path + " is no safetensors file: its header is not UTF-8", e);
        } catch (IllegalArgumentException e) {
            throw new IOException(path + " is no safetensors file: " + e.getMessage(), e);
        }
    }

    private Entry entry(SafetensorsHeader.Tensor tensor) throws IOException {
        Type type;
        try {
            type = Type.valueOf(tensor.type());
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    path
                            + ": "
                            + tensor.name()
                            + " has the type "
                            + tensor.type()
                            + "; legal: "
                            + List.of(Type.values()),
                    e);
        }
        int[] sizes = new int[tensor.shape().size()];
        for (int axis = 0; axis < sizes.length; axis++) {
            long size = tensor.shape().get(axis);
            if (size > Integer.MAX_VALUE) {
                throw broken(path, tensor.name() + " has the shape " + tensor.shape());
            }
            sizes[axis] = (int) size;
        }
        // Refuses more elements than an int can count.
        Shape shape = Shape.of(sizes);
        long wanted = (long) shape.elements() * type.bytes;
        if (tensor.end() - tensor.begin() != wanted) {
            throw broken(
                    path,
                    tensor.name()
                            + " has "
                            + (tensor.end() - tensor.begin())
                            + " bytes; legal for "
                            + type
                            + " "
                            + shape
                            + ": "
                            + wanted);
        }
        return new Entry(tensor.name(), type, shape, tensor.begin(), tensor.end());
    }

    /// Tensors fill the data without gaps: what the format demands, so that nothing can be read
    /// twice, or be hidden.
    private void checkRanges(long dataBytes) throws IOException {
        List<Entry> inOrder =
                entries.values().stream()
                        .sorted(
                                Comparator.comparingLong(Entry::begin)
                                        .thenComparingLong(Entry::end))
                        .toList();
        long at = 0;
        for (Entry entry : inOrder) {
            if (entry.begin != at) {
                throw broken(
                        path, entry.name + " begins at byte " + entry.begin + "; legal: " + at);
            }
            at = entry.end;
        }
        if (at != dataBytes) {
            throw broken(path, "its tensors have " + at + " bytes, the file has " + dataBytes);
        }
    }

    /// The free text that the writer put beside the tensors.
    public Map<String, String> metadata() {
        return metadata;
    }

    /// The names of the tensors, sorted.
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /// Whether there is a tensor of this name.
    public boolean has(String name) {
        return entries.containsKey(name);
    }

    /// The tensor `name`, of type F32, F16 or BF16, as a new tensor.
    ///
    /// @throws IOException when it cannot be read
    /// @throws IllegalArgumentException when there is none, or its type is another
    public FloatTensor floats(String name) throws IOException {
        Entry entry = find(name);
        if (!entry.type.isFloat()) {
            throw new IllegalArgumentException(
                    name + " in " + path + " is " + entry.type + "; legal: F32, F16, BF16");
        }
        ByteBuffer bytes = bytes(entry);
        FloatTensor tensor = FloatTensor.allocate(entry.shape);
        for (int i = 0; i < entry.shape.elements(); i++) {
            tensor.set(i, (float) entry.type.next(bytes));
        }
        return tensor;
    }

    /// The elements of tensor `name`, of any type, in row-major order. Integers beyond 2⁵³ are
    /// rounded.
    ///
    /// @throws IOException when it cannot be read
    /// @throws IllegalArgumentException when there is none
    public double[] doubles(String name) throws IOException {
        Entry entry = find(name);
        ByteBuffer bytes = bytes(entry);
        double[] values = new double[entry.shape.elements()];
        for (int i = 0; i < values.length; i++) {
            values[i] = entry.type.next(bytes);
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

    private ByteBuffer bytes(Entry entry) throws IOException {
        if (entry.end - entry.begin > Integer.MAX_VALUE) {
            throw new IOException(
                    entry.name + " in " + path + " is too large: " + (entry.end - entry.begin));
        }
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
            return bytes(file, dataStart + entry.begin, (int) (entry.end - entry.begin));
        }
    }

    private static ByteBuffer bytes(FileChannel file, long from, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            if (file.read(bytes, from + bytes.position()) < 0) {
                throw new EOFException("the file ends within " + length + " bytes at " + from);
            }
        }
        return bytes.flip();
    }

    private static IOException broken(Path path, String problem) {
        return new IOException(path + " is no safetensors file: " + problem);
    }
}
