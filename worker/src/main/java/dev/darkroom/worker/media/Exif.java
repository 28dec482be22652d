package dev.darkroom.worker.media;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;

/// Exif metadata (CIPA DC-008): a TIFF structure that JPEG, WebP and PNG files carry. Writes what
/// an output says about itself, and reads the one tag of an input that changes its pixels.
final class Exif {
    /// What precedes the TIFF structure in a JPEG segment, and in some WebP and PNG files.
    static final byte[] PREFIX = {'E', 'x', 'i', 'f', 0, 0};

    private static final int BIG_ENDIAN = 0x4D4D;
    private static final int LITTLE_ENDIAN = 0x4949;
    private static final int TIFF = 42;

    private static final int IMAGE_DESCRIPTION = 0x010E;
    private static final int ORIENTATION = 0x0112;
    private static final int SOFTWARE = 0x0131;
    private static final int EXIF_DIRECTORY = 0x8769;
    private static final int EXIF_VERSION = 0x9000;
    private static final int USER_COMMENT = 0x9286;

    private static final int ASCII = 2;
    private static final int SHORT = 3;
    private static final int LONG = 4;
    private static final int UNDEFINED = 7;

    private static final int ENTRY = 12;
    private static final int HEADER = 8;

    /// The greatest length of a text in UTF-16 units: a JPEG segment holds 64 KiB in all.
    private static final int LONGEST = 8000;

    private Exif() {}

    /// A TIFF structure, big-endian.
    ///
    /// | tag | value |
    /// |---|---|
    /// | `ImageDescription` | `description`, UTF-8; left out when empty |
    /// | `Software` | `software` |
    /// | `UserComment` | `comment`, UTF-16 under the character code `UNICODE`, where viewers of this field look for parameters |
    ///
    /// A text longer than a segment allows is cut and ends in `…`; the whole of it is in the XMP
    /// packet.
    static byte[] write(String description, String software, String comment) {
        byte[] said = text(description);
        byte[] by = text(software);
        byte[] more = comment(comment);
        int entries = description.isEmpty() ? 2 : 3;
        int directory = 2 + entries * ENTRY + 4;
        int inner = 2 + 2 * ENTRY + 4;
        int data = HEADER + directory + inner;
        ByteBuffer out = ByteBuffer.allocate(data + said.length + by.length + more.length + 3);
        out.putShort((short) BIG_ENDIAN).putShort((short) TIFF).putInt(HEADER);
        out.putShort((short) entries);
        int next = data;
        if (!description.isEmpty()) {
            entry(out, IMAGE_DESCRIPTION, ASCII, said.length, place(out, said, next));
            next += even(said.length);
        }
        entry(out, SOFTWARE, ASCII, by.length, place(out, by, next));
        next += even(by.length);
        entry(out, EXIF_DIRECTORY, LONG, 1, HEADER + directory);
        out.putInt(0);
        out.putShort((short) 2);
        entry(out, EXIF_VERSION, UNDEFINED, 4, 0x30323332);
        entry(out, USER_COMMENT, UNDEFINED, more.length, place(out, more, next));
        next += even(more.length);
        out.putInt(0);
        byte[] file = new byte[next];
        out.get(0, file);
        return file;
    }

    /// The value of the tag `Orientation`; nothing when there is none or the structure is damaged.
    static OptionalInt orientation(byte[] exif) {
        try {
            return orientation(ByteBuffer.wrap(exif));
        } catch (BufferUnderflowException | IllegalArgumentException _) {
            // A damaged structure says nothing about the picture, as the reference has it too.
            return OptionalInt.empty();
        }
    }

    private static OptionalInt orientation(ByteBuffer file) {
        ByteBuffer in = file;
        if (in.remaining() > PREFIX.length && in.get(0) == 'E') {
            in = in.slice(PREFIX.length, in.remaining() - PREFIX.length);
        }
        int order = in.getShort();
        if (order == LITTLE_ENDIAN) {
            in.order(ByteOrder.LITTLE_ENDIAN);
        } else if (order != BIG_ENDIAN) {
            return OptionalInt.empty();
        }
        if (in.getShort() != TIFF) {
            return OptionalInt.empty();
        }
        in.position(in.getInt());
        for (int left = in.getShort() & 0xFFFF; left > 0; left--) {
            int tag = in.getShort() & 0xFFFF;
            int type = in.getShort();
            int count = in.getInt();
            int value = in.getShort() & 0xFFFF;
            in.getShort();
            if (tag == ORIENTATION) {
                return type == SHORT && count == 1 ? OptionalInt.of(value) : OptionalInt.empty();
            }
        }
        return OptionalInt.empty();
    }

    private static void entry(ByteBuffer out, int tag, int type, int count, int value) {
        out.putShort((short) tag).putShort((short) type).putInt(count).putInt(value);
    }

    /// Puts a value where it belongs, without moving on.
    private static int place(ByteBuffer out, byte[] value, int at) {
        out.put(at, value);
        return at;
    }

    /// Values begin at even offsets.
    private static int even(int length) {
        return length + (length & 1);
    }

    private static byte[] text(String text) {
        return (cut(text) + '\0').getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] comment(String text) {
        byte[] code = "UNICODE\0".getBytes(StandardCharsets.US_ASCII);
        byte[] units = cut(text).getBytes(StandardCharsets.UTF_16BE);
        return ByteBuffer.allocate(code.length + units.length).put(code).put(units).array();
    }

    private static String cut(String text) {
        String clean = text.replace('\0', ' ');
        if (clean.length() <= LONGEST) {
            return clean;
        }
        int end = Character.isHighSurrogate(clean.charAt(LONGEST - 2)) ? LONGEST - 2 : LONGEST - 1;
        return clean.substring(0, end) + "…";
    }
}
