package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.tensor.FloatTensor;
import org.jspecify.annotations.Nullable;

/// Collects what several CLIP encoders make of the same texts, before their last layer: the prompt
/// with the layers left out that the job names, the negative prompt always with one.
///
/// Source: `encode_prompt` in `pipelines/stable_diffusion_xl/pipeline_stable_diffusion_xl.py` and
/// `pipelines/stable_diffusion_3/pipeline_stable_diffusion_3.py` of the reference.
final class Penultimate {
    private final Prompts prompts;
    private @Nullable FloatTensor tokens;

    /// Of these texts.
    Penultimate(Prompts prompts) {
        this.prompts = prompts;
    }

    /// Adds what an encoder made, beside what the ones before it made.
    void add(TextEncoders.Encoded encoded) {
        FloatTensor own = encoded.hidden(1 + prompts.skipped()).copy();
        if (prompts.guided()) {
            own.rows(0, 1).copyFrom(encoded.hidden(1).rows(0, 1));
        }
        tokens = tokens == null ? own : Conditioning.joined(tokens, own);
    }

    /// Everything so far, `[t, T, D₁ + D₂ + …]`.
    FloatTensor tokens() {
        return Terms.given(tokens);
    }
}
