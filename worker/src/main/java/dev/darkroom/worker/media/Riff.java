package dev.darkroom.worker.media;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The container of WebP files (RFC 9649, section 2): chunks of a name of four characters, a length
/// and content, padded to an even length; all numbers little-endian.
final class Riff {
    private static final int NAME = 4;
    private static final int HEADER = 8;
    private static final String WEBP = "WEBP";

    private Riff() {}

    /// A chunk. Its content is a view, not a copy.
    ///
    /// @param name four characters, for example `VP8X` or `XMP `
    /// @param content what it holds, little-endian, position 0
    record Chunk(String name, ByteBuffer content) {
        /// A chunk of these bytes.
        static Chunk of(String name, byte[] content) {
            return new Chunk(name, ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
        }

        /// A copy of the content.
        byte[] bytes() {
            byte[] bytes = new byte[content.capacity()];
            content.get(0, bytes);
            return bytes;
        }
    }

    /// Whether a file begins as a WebP file does.
    static boolean matches(byte[] file) {
        return file.length >= HEADER + NAME
                && name(ByteBuffer.wrap(file), 0).equals("RIFF")
                && name(ByteBuffer.wrap(file), HEADER).equals(WEBP);
    }

    /// The chunks of a WebP file.
    ///
    /// @throws PictureRefusedException when it ends too early
    static List<Chunk> read(byte[] file) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        long length = in.getInt(NAME) & 0xFFFF_FFFFL;
        if (length > file.length - HEADER) {
            throw PictureRefusedException.truncated("WebP");
        }
        int from = HEADER + NAME;
        int to = (int) length + HEADER;
        return chunks(in.slice(from, Math.max(0, to - from)));
    }

    /// The chunks that `in` consists of.
    ///
    /// @throws PictureRefusedException when it ends too early
    static List<Chunk> chunks(ByteBuffer in) {
        List<Chunk> chunks = new ArrayList<>();
        int at = 0;
        while (at + HEADER <= in.capacity()) {
            int length =
                    ByteBuffer.wrap(bytes(in, at + NAME)).order(ByteOrder.LITTLE_ENDIAN).getInt();
            at += HEADER;
            if (length < 0 || length > in.capacity() - at) {
                throw PictureRefusedException.truncated("WebP");
            }
            chunks.add(
                    new Chunk(
                            name(in, at - HEADER),
                            in.slice(at, length).order(ByteOrder.LITTLE_ENDIAN)));
            at += length + (length & 1);
        }
        return chunks;
    }

    /// A WebP file of these chunks.
    static byte[] write(List<Chunk> chunks) {
        int length = NAME;
        for (Chunk chunk : chunks) {
            length += HEADER + chunk.content().capacity() + (chunk.content().capacity() & 1);
        }
        ByteBuffer out = ByteBuffer.allocate(HEADER + length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(ascii("RIFF")).putInt(length).put(ascii(WEBP));
        for (Chunk chunk : chunks) {
            int size = chunk.content().capacity();
            out.put(ascii(chunk.name())).putInt(size).put(chunk.bytes());
            out.position(out.position() + (size & 1));
        }
        return out.array();
    }

    private static String name(ByteBuffer in, int at) {
        return new String(bytes(in, at), StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(ByteBuffer in, int at) {
        byte[] bytes = new byte[NAME];
        in.get(at, bytes);
        return bytes;
    }

    private static byte[] ascii(String name) {
        return name.getBytes(StandardCharsets.ISO_8859_1);
    }
}
