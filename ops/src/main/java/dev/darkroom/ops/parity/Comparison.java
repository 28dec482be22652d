package dev.darkroom.ops.parity;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Safetensors;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a pipeline made beside what the reference made.
///
/// | tensor of the reference | shape |
/// |---|---|
/// | `prompt_embeds`, `negative_prompt_embeds` | `[n, T, D]` |
/// | `latents` | `[kept, n, …]`, of pictures `[kept, n, C, h, w]`, packed `[kept, n, h/2 · w/2, 4C]` |
/// | `image` | `[n, H, W, C]`, 0 to 1; black where a safety checker refused it |
/// | `audio` | `[n, channels, samples]`, −1 to 1 |
/// | `frames` | `[n, F, H, W, C]`, 0 to 1 |
///
/// @param reference what the case recorded
record Comparison(Safetensors reference) {
    private static final String POSITIVE = "prompt_embeds";
    private static final String NEGATIVE = "negative_prompt_embeds";
    private static final String LATENTS = "latents";

    /// Not-a-number counts as the greatest error of all.
    private static final Comparator<Outcome.Worst> BY_ERROR =
            Comparator.comparingDouble(Outcome.Worst::error);

    /// How far everything that the case has is from the reference.
    ///
    /// @throws ReferenceException when the two cannot be compared
    Outcome.Made with(Recording recording, Products made) throws IOException {
        return new Outcome.Made(prompt(recording), latents(recording), share(made));
    }

    /// The encoded prompts, where the denoiser is told them as the reference encodes them: with
    /// guidance the negative rows first.
    private Outcome.@Nullable Worst prompt(Recording recording) throws IOException {
        FloatTensor told = recording.conditions().orElse(null);
        if (told == null || !reference.has(POSITIVE)) {
            return null;
        }
        FloatTensor positive = reference.floats(POSITIVE);
        int count = positive.shape().size(0);
        int rows = told.shape().size(0);
        boolean guided = reference.has(NEGATIVE);
        if (!told.shape().row().equals(positive.shape().row())
                || rows != (guided ? 2 : 1) * count) {
            return null;
        }
        Outcome.Worst worst =
                new Outcome.Worst(
                        "prompt", Deviation.relativeError(told.rows(rows - count, rows), positive));
        if (!guided) {
            return worst;
        }
        FloatTensor negative = reference.floats(NEGATIVE);
        Outcome.Worst other =
                new Outcome.Worst(
                        "negative prompt", Deviation.relativeError(told.rows(0, count), negative));
        return Stream.of(worst, other).max(BY_ERROR).orElseThrow();
    }

    private Outcome.@Nullable Worst latents(Recording recording) throws IOException {
        if (!reference.has(LATENTS)) {
            return null;
        }
        FloatTensor kept = reference.floats(LATENTS);
        Shape step = kept.shape().row();
        List<FloatTensor> made = recording.latents();
        List<Integer> calls = Latents.calls(kept.shape().size(0), made.size());
        List<Outcome.Worst> errors = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            int call = calls.get(i);
            double error =
                    Deviation.relativeError(
                            Latents.like(step, made.get(call)), kept.rows(i, i + 1).reshape(step));
            errors.add(new Outcome.Worst("call " + (call + 1) + " of " + made.size(), error));
        }
        return errors.stream().max(BY_ERROR).orElse(null);
    }

    /// That of the output with the smallest one.
    private double share(Products made) throws IOException {
        FloatTensor wanted = reference.floats(made.tensor());
        List<Products.Product> outputs = made.outputs();
        if (outputs.size() != wanted.shape().size(0)) {
            throw new ReferenceException(
                    "made " + outputs.size() + " outputs, the reference has " + wanted.shape());
        }
        double least = 1;
        for (int i = 0; i < outputs.size(); i++) {
            FloatTensor one = wanted.rows(i, i + 1).reshape(wanted.shape().row());
            least = Math.min(least, share(outputs.get(i), one, made.level()));
        }
        return least;
    }

    /// The reference has a black picture where its safety checker refused one; for an output that
    /// holds nothing it has no counterpart.
    private static double share(Products.Product made, FloatTensor wanted, double level) {
        return switch (made) {
            case Products.Whole(FloatTensor values) -> Deviation.share(values, wanted, level);
            case Products.Withheld(FailureCode code) when code == FailureCode.CONTENT_FILTERED ->
                    Deviation.share(FloatTensor.allocate(wanted.shape()), wanted, 0);
            case Products.Withheld _ -> 0;
        };
    }
}
