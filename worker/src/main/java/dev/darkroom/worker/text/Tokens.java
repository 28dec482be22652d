package dev.darkroom.worker.text;

import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.List;

/// A text as a text encoder takes it, and what of it did not fit.
///
/// @param ids the token ids, as many as the encoder's window, padding included
/// @param cut how many tokens of the text did not fit
/// @param cutText those tokens as text, empty when all fit
public record Tokens(List<Integer> ids, int cut, String cutText) {
    /// Copies the list.
    public Tokens {
        ids = List.copyOf(ids);
    }

    /// The ids as a new tensor `[1, T]`.
    public LongTensor toTensor() {
        LongTensor tensor = LongTensor.allocate(Shape.of(1, ids.size()));
        for (int i = 0; i < ids.size(); i++) {
            tensor.set(i, ids.get(i));
        }
        return tensor;
    }
}
