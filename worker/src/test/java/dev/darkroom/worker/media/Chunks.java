package dev.darkroom.worker.media;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/// Takes PNG files apart, for tests: an independent reading of the standard.
final class Chunks {
    private Chunks() {}

    /// The chunks in order: the type, and for text the keyword and the text.
    static List<String> of(byte[] file) {
        List<String> chunks = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(file);
        if (in.getLong() != 0x89504E470D0A1A0AL) {
            throw new IllegalArgumentException("no PNG signature");
        }
        while (in.hasRemaining()) {
            byte[] typed = new byte[in.getInt() + 4];
            in.get(typed);
            CRC32 check = new CRC32();
            check.update(typed);
            if (in.getInt() != (int) check.getValue()) {
                throw new IllegalArgumentException("wrong CRC");
            }
            chunks.add(described(typed));
        }
        return chunks;
    }

    private static String described(byte[] typed) {
        String latin = new String(typed, StandardCharsets.ISO_8859_1);
        String type = latin.substring(0, 4);
        int end = latin.indexOf('\0', 4);
        return switch (type) {
            case "tEXt" -> type + " " + latin.substring(4, end) + "=" + latin.substring(end + 1);
            case "iTXt" -> {
                int from = end + 5;
                String text = new String(typed, from, typed.length - from, StandardCharsets.UTF_8);
                yield type + " " + latin.substring(4, end) + "=" + text;
            }
            default -> type;
        };
    }
}
