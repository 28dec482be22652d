package dev.darkroom.worker.text;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/// One printable character for each byte, so that any text is a word of known characters.
///
/// Bytes that are printable in Latin-1 stand for themselves, the others follow from U+0100 on:
/// Radford et al. 2019 (GPT-2), `bytes_to_unicode` of `encoder.py`.
final class ByteAlphabet {
    private static final int BYTES = 256;

    private final char[] characters = new char[BYTES];
    private final Map<Character, Byte> bytes = new HashMap<>();

    ByteAlphabet() {
        char next = BYTES;
        for (int value = 0; value < BYTES; value++) {
            boolean printable =
                    (value >= '!' && value <= '~')
                            || (value >= 0xA1 && value <= 0xAC)
                            || value >= 0xAE;
            characters[value] = printable ? (char) value : next++;
            bytes.put(characters[value], (byte) value);
        }
    }

    /// The characters of the UTF-8 bytes of `text`.
    String encode(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            encoded.append(characters[Byte.toUnsignedInt(value)]);
        }
        return encoded.toString();
    }

    /// The text whose bytes these characters stand for; what is no UTF-8 becomes U+FFFD.
    String decode(String characters) {
        byte[] decoded = new byte[characters.length()];
        int length = 0;
        for (int i = 0; i < characters.length(); i++) {
            Byte value = bytes.get(characters.charAt(i));
            if (value != null) {
                decoded[length++] = value;
            }
        }
        return new String(decoded, 0, length, StandardCharsets.UTF_8);
    }
}
