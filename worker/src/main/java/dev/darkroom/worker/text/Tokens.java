package dev.darkroom.worker.text;

import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.Collections;
import java.util.List;

/// A text as a text encoder takes it, and what of it did not fit.
///
/// @param ids the token ids, as many as the encoder's window, padding included
/// @param padding how many of them, at the end, are there to fill the window only
/// @param cut how many tokens of the text did not fit
/// @param cutText those tokens as text, empty when all fit
public record Tokens(List<Integer> ids, int padding, int cut, String cutText) {
    /// Copies the list.
    public Tokens {
        ids = List.copyOf(ids);
    }

    /// The ids as a new tensor `[1, T]`.
    public LongTensor toTensor() {
        return tensor(ids);
    }

    /// One for each token of the text and zero for padding, as a new tensor `[1, T]`.
    public LongTensor toAttentionMask() {
        LongTensor mask = tensor(Collections.nCopies(ids.size(), 1));
        for (int i = ids.size() - padding; i < ids.size(); i++) {
            mask.set(i, 0);
        }
        return mask;
    }

    private static LongTensor tensor(List<Integer> values) {
        LongTensor tensor = LongTensor.allocate(Shape.of(1, values.size()));
        for (int i = 0; i < values.size(); i++) {
            tensor.set(i, values.get(i));
        }
        return tensor;
    }
}
