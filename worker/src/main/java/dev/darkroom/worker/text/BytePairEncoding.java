package dev.darkroom.worker.text;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/// The merging of a word's characters into the tokens of a vocabulary: Sennrich et al. 2016
/// ("Neural Machine Translation of Rare Words with Subword Units"), algorithm 1. Immutable.
final class BytePairEncoding {
    /// Marks the last character of a word.
    static final String END_OF_WORD = "</w>";

    private static final int NONE = Integer.MAX_VALUE;

    /// What a pair of tokens becomes, and how early: lower ranks go first.
    private record Merge(int rank, int token) {}

    private final Map<String, Integer> vocabulary;
    private final Map<Long, Merge> merges = new HashMap<>();
    private final int unknown;

    /// The encoding with these tokens and merges, each merge two tokens with a space between, first
    /// to last.
    ///
    /// @param unknown the token for a character that the vocabulary lacks
    /// @throws TokenizerException when a merge is malformed or names a token that is not in the
    ///   vocabulary
    BytePairEncoding(Map<String, Integer> vocabulary, List<String> merges, int unknown) {
        this.vocabulary = Map.copyOf(vocabulary);
        this.unknown = unknown;
        for (int rank = 0; rank < merges.size(); rank++) {
            String merge = merges.get(rank);
            int space = merge.indexOf(' ');
            if (space <= 0 || space == merge.length() - 1) {
                throw new TokenizerException("merge '" + merge + "' is not two tokens");
            }
            String first = merge.substring(0, space);
            String second = merge.substring(space + 1);
            Merge result = new Merge(rank, token(first + second, merge));
            this.merges.put(pair(token(first, merge), token(second, merge)), result);
        }
    }

    private int token(String text, String merge) {
        Integer token = vocabulary.get(text);
        if (token == null) {
            throw new TokenizerException(
                    "merge '" + merge + "' needs token '" + text + "', which the vocabulary lacks");
        }
        return token;
    }

    /// Gives the tokens of `word`, which is not empty, to `into`, first to last.
    void encode(String word, IntConsumer into) {
        int[] tokens = characters(word);
        int size = tokens.length;
        int[] ranks = new int[size]; // of the pair that begins at each position
        for (int i = 0; i < size; i++) {
            ranks[i] = rank(tokens, i, size);
        }
        while (true) {
            int best = 0;
            for (int i = 1; i < size; i++) {
                if (ranks[i] < ranks[best]) {
                    best = i;
                }
            }
            if (ranks[best] == NONE) {
                break;
            }
            Merge merge = merges.get(pair(tokens[best], tokens[best + 1]));
            if (merge == null) {
                throw new IllegalStateException("no merge at " + best);
            }
            tokens[best] = merge.token;
            System.arraycopy(tokens, best + 2, tokens, best + 1, size - best - 2);
            System.arraycopy(ranks, best + 2, ranks, best + 1, size - best - 2);
            size--;
            ranks[best] = rank(tokens, best, size);
            if (best > 0) {
                ranks[best - 1] = rank(tokens, best - 1, size);
            }
        }
        for (int i = 0; i < size; i++) {
            into.accept(tokens[i]);
        }
    }

    private int[] characters(String word) {
        int[] tokens = new int[word.length()];
        for (int i = 0; i < tokens.length; i++) {
            String character = word.substring(i, i + 1);
            boolean last = i == tokens.length - 1;
            tokens[i] =
                    vocabulary.getOrDefault(last ? character + END_OF_WORD : character, unknown);
        }
        return tokens;
    }

    private int rank(int[] tokens, int position, int size) {
        if (position + 1 >= size) {
            return NONE;
        }
        Merge merge = merges.get(pair(tokens[position], tokens[position + 1]));
        return merge == null ? NONE : merge.rank;
    }

    private static long pair(int first, int second) {
        return ((long) first << Integer.SIZE) | second;
    }
}
