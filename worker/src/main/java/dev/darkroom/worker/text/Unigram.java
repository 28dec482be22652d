package dev.darkroom.worker.text;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The most probable division of a word into pieces of a vocabulary: Kudo 2018 ("Subword
/// Regularization"), section 3.2, by the Viterbi algorithm; details as `models/unigram/model.rs` of
/// the tokenizers library has them. Immutable.
final class Unigram {
    /// How much less probable an unknown character is than the least probable piece, as a
    /// logarithm.
    private static final double UNKNOWN_PENALTY = 10;

    private static final int NOWHERE = -1;

    private final List<Piece> pieces;
    private final Map<String, Integer> ids = new HashMap<>();
    private final int unknown;
    private final double unknownScore;
    private final int longest;

    /// A token of the vocabulary.
    ///
    /// @param text what it stands for
    /// @param score its logarithmic probability
    record Piece(String text, double score) {}

    /// The model with these pieces, whose ids are their positions.
    ///
    /// @param unknown the id for what no piece stands for
    Unigram(List<Piece> pieces, int unknown) {
        this.pieces = List.copyOf(pieces);
        this.unknown = unknown;
        double least = Double.POSITIVE_INFINITY;
        int longest = 1;
        for (int id = 0; id < pieces.size(); id++) {
            Piece piece = pieces.get(id);
            ids.put(piece.text, id);
            least = Math.min(least, piece.score);
            longest = Math.max(longest, piece.text.length());
        }
        this.unknownScore = least - UNKNOWN_PENALTY;
        this.longest = longest;
    }

    /// The id of a piece, or [#unknown].
    int id(String text) {
        return ids.getOrDefault(text, unknown);
    }

    /// Whether there is a piece with just this text.
    boolean has(String text) {
        return ids.containsKey(text);
    }

    /// The text of a piece.
    ///
    /// @throws IndexOutOfBoundsException when there is none of this id
    String text(int id) {
        return pieces.get(id).text;
    }

    /// The ids of the pieces of `word`; unknown characters that follow each other are one.
    List<Integer> encode(String word) {
        int size = word.length();
        double[] score = new double[size + 1];
        int[] from = new int[size + 1];
        int[] piece = new int[size + 1];
        Arrays.fill(from, NOWHERE);
        int start = 0;
        while (start < size) {
            int character = Character.charCount(word.codePointAt(start));
            boolean single = false;
            for (int end = start + 1; end <= Math.min(size, start + longest); end++) {
                Integer id = ids.get(word.substring(start, end));
                if (id == null) {
                    continue;
                }
                single |= end == start + character;
                double candidate = pieces.get(id).score + score[start];
                if (from[end] == NOWHERE || candidate > score[end]) {
                    score[end] = candidate;
                    from[end] = start;
                    piece[end] = id;
                }
            }
            int end = start + character;
            double candidate = unknownScore + score[start];
            if (!single && (from[end] == NOWHERE || candidate > score[end])) {
                score[end] = candidate;
                from[end] = start;
                piece[end] = unknown;
            }
            start = end;
        }
        return backwards(size, from, piece);
    }

    private List<Integer> backwards(int size, int[] from, int[] piece) {
        List<Integer> found = new ArrayList<>();
        for (int end = size; end > 0; end = from[end]) {
            boolean again = piece[end] == unknown && !found.isEmpty() && found.getLast() == unknown;
            if (!again) {
                found.add(piece[end]);
            }
        }
        Collections.reverse(found);
        return found;
    }
}
