package dev.darkroom.worker.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The replacement of characters that a SentencePiece model brings with it (`nmt_nfkc` for T5): a
/// double-array trie of texts, and the texts that they become. Immutable.
///
/// The layout is that of `precompiled_charsmap` in `sentencepiece_model.proto` and of Yata's
/// darts-clone; how a text is walked is as the spm_precompiled crate does it: by grapheme, and a
/// short grapheme that begins with a known text is replaced whole, by what its shortest such
/// beginning becomes.
final class Charsmap implements UnaryOperator<String> {
    private static final Pattern GRAPHEME = Pattern.compile("\\X");

    /// Graphemes of more bytes are only replaced character by character.
    private static final int LONGEST_GRAPHEME = 5;

    private final int[] trie;
    private final byte[] texts;

    /// Reads a map.
    ///
    /// @throws TokenizerException when it is none
    Charsmap(byte[] precompiled) {
        ByteBuffer buffer = ByteBuffer.wrap(precompiled).order(ByteOrder.LITTLE_ENDIAN);
        int size = precompiled.length < Integer.BYTES ? -1 : buffer.getInt();
        if (size <= 0 || size % Integer.BYTES != 0 || size > buffer.remaining()) {
            throw new TokenizerException("precompiled_charsmap is no map of characters");
        }
        trie = new int[size / Integer.BYTES];
        buffer.asIntBuffer().get(trie);
        texts = Arrays.copyOfRange(precompiled, Integer.BYTES + size, precompiled.length);
    }

    /// The text with all replacements made.
    @Override
    public String apply(String text) {
        StringBuilder replaced = new StringBuilder(text.length());
        Matcher graphemes = GRAPHEME.matcher(text);
        while (graphemes.find()) {
            String grapheme = graphemes.group();
            Optional<String> whole =
                    bytes(grapheme).length <= LONGEST_GRAPHEME
                            ? replacement(grapheme)
                            : Optional.empty();
            if (whole.isPresent()) {
                replaced.append(whole.get());
            } else {
                grapheme.codePoints()
                        .mapToObj(Character::toString)
                        .forEach(c -> replaced.append(replacement(c).orElse(c)));
            }
        }
        return replaced.toString();
    }

    private Optional<String> replacement(String text) {
        OptionalInt found = find(bytes(text));
        if (found.isEmpty()) {
            return Optional.empty();
        }
        int start = Math.min(found.getAsInt(), texts.length);
        int end = start;
        while (end < texts.length && texts[end] != 0) {
            end++;
        }
        return Optional.of(new String(texts, start, end - start, StandardCharsets.UTF_8));
    }

    /// Where the replacement of the shortest known beginning of `key` starts.
    private OptionalInt find(byte[] key) {
        int node = offset(trie[0]);
        for (byte value : key) {
            int label = Byte.toUnsignedInt(value);
            node ^= label;
            if (label == 0 || node >= trie.length || label(trie[node]) != label) {
                return OptionalInt.empty();
            }
            int unit = trie[node];
            node ^= offset(unit);
            if (node >= trie.length) {
                return OptionalInt.empty();
            }
            if ((unit >>> 8 & 1) == 1) {
                return OptionalInt.of(trie[node] & Integer.MAX_VALUE);
            }
        }
        return OptionalInt.empty();
    }

    private static int label(int unit) {
        return unit & (1 << 31 | 0xFF);
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
