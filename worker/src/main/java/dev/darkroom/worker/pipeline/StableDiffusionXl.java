package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.ModelFolder;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Stable Diffusion XL (Podell et al. 2023): two text encoders, and a denoiser that is told the
/// picture's size; the refiner too, which has the second encoder only and is told a score for
/// beauty.
///
/// Source: `pipelines/stable_diffusion_xl` and `pipelines/controlnet` of the reference.
///
/// | tensor | shape |
/// |---|---|
/// | encoder_hidden_states | `[B, T, D₁ + D₂]` |
/// | text_embeds | `[B, D]` |
/// | time_ids | `[B, 6]`, or `[B, 5]` with a score |
final class StableDiffusionXl implements Family {
    private static final String FIRST = "text_encoder";
    private static final String SECOND = "text_encoder_2";
    private static final float BEAUTY = 6;
    private static final float NEGATIVE_BEAUTY = 2.5f;

    private final Blueprint blueprint;
    private final ModelFolder folder;

    /// Of this model.
    StableDiffusionXl(Blueprint blueprint) {
        this.blueprint = blueprint;
        this.folder = blueprint.folder();
    }

    @Override
    public Optional<Rules> rules(Task task, boolean controlled) {
        boolean scored = folder.flag(ModelFolder.AESTHETICS);
        if (scored && controlled) {
            return Optional.empty();
        }
        return switch (task) {
            // What is told a score refines pictures; no pipeline of the reference starts from
            // noise with it.
            case TEXT_TO_IMAGE ->
                    scored
                            ? Optional.empty()
                            : Optional.of(
                                    controlled
                                            ? Rules.of(50, 5, 1)
                                            : Rules.of(50, 5, 1).rescaling());
            case IMAGE_TO_IMAGE ->
                    Optional.of(
                            controlled ? Rules.of(50, 5, 0.8) : Rules.of(50, 5, 0.3).rescaling());
            case INPAINTING -> Optional.of(Rules.of(50, controlled ? 5 : 7.5, 0.9999).rescaling());
        };
    }

    @Override
    public Ports ports() {
        return Ports.UNET;
    }

    @Override
    public boolean takesNegativePrompt() {
        return true;
    }

    /// The penultimate layer is the last one used.
    @Override
    public int mostClipSkip() {
        return encoders().keySet().stream().mapToInt(folder::layers).min().orElseThrow() - 1;
    }

    @Override
    public Map<String, Integer> windows() {
        Map<String, Integer> windows = new LinkedHashMap<>();
        encoders().values().forEach(t -> windows.put(t, blueprint.tokenizer(t).maxLength()));
        return windows;
    }

    /// The tokenizers of the encoders that the folder has.
    private Map<String, String> encoders() {
        Map<String, String> encoders = new LinkedHashMap<>();
        if (folder.has(FIRST)) {
            encoders.put(FIRST, "tokenizer");
        }
        encoders.put(SECOND, "tokenizer_2");
        return encoders;
    }

    @Override
    public Conditioning condition(ImageSpec job, TextEncoders encoders) {
        Prompts prompts = Prompts.of(job, this);
        Penultimate encoded = new Penultimate(prompts);
        FloatTensor pooled = null;
        for (Map.Entry<String, String> encoder : encoders().entrySet()) {
            TextEncoders.Encoded texts =
                    encoders.encode(
                            encoder.getKey(),
                            encoder.getValue(),
                            blueprint.tokenizer(encoder.getValue()).maxLength(),
                            prompts.texts());
            encoded.add(texts);
            pooled = texts.outputs().getOrDefault("text_embeds", pooled);
        }
        FloatTensor tokens = encoded.tokens();
        FloatTensor embeds = Terms.given(pooled).copy();
        boolean zeroed =
                prompts.guided()
                        && prompts.texts().getFirst().isEmpty()
                        && folder.flag(ModelFolder.ZEROED_NEGATIVE);
        if (zeroed) {
            zero(tokens.rows(0, 1));
            zero(embeds.rows(0, 1));
        }
        return new Conditioning(
                prompts.rows(),
                Map.of(
                        "encoder_hidden_states", Conditioning.each(tokens, prompts.count()),
                        "text_embeds", Conditioning.each(embeds, prompts.count()),
                        "time_ids", Conditioning.each(timeIds(job, prompts), prompts.count())),
                Map.of());
    }

    private static void zero(FloatTensor tensor) {
        for (int k = 0; k < tensor.shape().elements(); k++) {
            tensor.set(k, 0);
        }
    }

    /// Original size, upper left corner, and target size or score; heights first.
    private FloatTensor timeIds(ImageSpec job, Prompts prompts) {
        float height = Terms.given(job.size().height());
        float width = Terms.given(job.size().width());
        List<float[]> rows =
                folder.flag(ModelFolder.AESTHETICS)
                        ? List.of(
                                new float[] {height, width, 0, 0, NEGATIVE_BEAUTY},
                                new float[] {height, width, 0, 0, BEAUTY})
                        : List.of(
                                new float[] {height, width, 0, 0, height, width},
                                new float[] {height, width, 0, 0, height, width});
        List<float[]> used = prompts.guided() ? rows : rows.subList(1, 2);
        int size = used.getFirst().length;
        FloatTensor ids = FloatTensor.allocate(Shape.of(used.size(), size));
        for (int row = 0; row < used.size(); row++) {
            ids.buffer().put(row * size, used.get(row));
        }
        return ids;
    }
}
