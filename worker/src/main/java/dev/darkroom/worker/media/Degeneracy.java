package dev.darkroom.worker.media;

import dev.darkroom.worker.tensor.FloatTensor;
import java.util.Optional;

/// Tells outputs that hold nothing: what a sampler or decoder leaves when its numbers overflowed.
public final class Degeneracy {
    private Degeneracy() {}

    /// The picture, or why it cannot be delivered.
    ///
    /// @param picture as for [#of]
    public static Media.Image judge(FloatTensor picture) {
        Optional<String> reason = of(picture);
        return reason.isPresent()
                ? Media.Withheld.degenerate(reason.get())
                : new Media.Shown(picture);
    }

    /// What is wrong with a picture, or nothing when it can be delivered.
    ///
    /// @param picture `[H, W, C]`, 0 to 1, not yet rounded; not-a-number where the decoder gave no
    ///   finite value
    static Optional<String> of(FloatTensor picture) {
        int channels = picture.shape().size(2);
        int values = picture.shape().elements();
        boolean constant = true;
        for (int i = 0; i < values; i++) {
            float value = picture.get(i);
            if (!Float.isFinite(value)) {
                return Optional.of("holds values that are not numbers");
            }
            constant &= value == picture.get(i % channels);
        }
        return constant ? Optional.of("has one colour throughout") : Optional.empty();
    }
}
