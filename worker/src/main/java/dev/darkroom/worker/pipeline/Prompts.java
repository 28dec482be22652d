package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Spec;
import java.util.List;

/// The texts of a prepared job as its text encoders take them.
///
/// @param texts the negative prompt, where there is guidance, and the prompt
/// @param count of outputs
/// @param guidance scale
/// @param skipped layers of the text encoders that are left out
record Prompts(List<String> texts, int count, double guidance, int skipped) {
    /// Copies the list.
    Prompts {
        texts = List.copyOf(texts);
    }

    /// Those of this job.
    static Prompts of(Spec job, Family family) {
        String text = Terms.given(job.prompt().text());
        double guidance = Terms.given(job.sampling().guidance());
        return new Prompts(
                family.guided(guidance)
                        ? List.of(Terms.given(job.prompt().negative()), text)
                        : List.of(text),
                Terms.given(job.outputs().count()),
                guidance,
                Terms.given(job.sampling().clipSkip()));
    }

    /// Whether there is guidance.
    boolean guided() {
        return texts.size() > 1;
    }

    /// The rows of the denoiser: every text for every output.
    int rows() {
        return texts.size() * count;
    }
}
