package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.ModelFamily;
import dev.darkroom.worker.sampling.SamplingOptions;
import dev.darkroom.worker.sampling.SchedulerConfig;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Stable Diffusion 1 and 2 (Rombach et al. 2022), and latent consistency models (Luo et al. 2023),
/// which have the same parts and are told the guidance scale.
///
/// Source: `pipelines/stable_diffusion`, `pipelines/controlnet` and
/// `pipelines/latent_consistency_models` of the reference.
///
/// | tensor | shape |
/// |---|---|
/// | encoder_hidden_states | `[B, T, D]` |
/// | timestep_cond | `[B, W]` |
final class StableDiffusion implements Family {
    private static final String ENCODER = "text_encoder";
    private static final String TOKENIZER = "tokenizer";
    private static final Rules TEXT = Rules.of(50, 7.5, 1);
    private static final Rules PICTURE = Rules.of(50, 7.5, 0.8);
    private static final Rules CONSISTENT = Rules.of(4, 8.5, 0.8);

    private final Blueprint blueprint;

    /// Of this model.
    StableDiffusion(Blueprint blueprint) {
        this.blueprint = blueprint;
    }

    private boolean consistent() {
        return blueprint.folder().pipeline().family() == ModelFamily.LATENT_CONSISTENCY;
    }

    @Override
    public Optional<Rules> rules(Task task, boolean controlled) {
        if (consistent()) {
            return task == Task.INPAINTING || controlled
                    ? Optional.empty()
                    : Optional.of(CONSISTENT);
        }
        return Optional.of(
                switch (task) {
                    case TEXT_TO_IMAGE -> controlled ? TEXT : TEXT.rescaling();
                    case IMAGE_TO_IMAGE -> PICTURE;
                    case INPAINTING -> TEXT;
                });
    }

    @Override
    public Ports ports() {
        return Ports.UNET;
    }

    @Override
    public boolean takesNegativePrompt() {
        return !consistent();
    }

    /// What a layer gives is normed before it is used; most exporters' graphs norm the last one
    /// only.
    @Override
    public int mostClipSkip() {
        int layers = blueprint.folder().layers(ENCODER);
        int most = 0;
        while (most < layers && blueprint.folder().gives(ENCODER, normed(layers - most - 1))) {
            most++;
        }
        return most;
    }

    private static String normed(int layers) {
        return "normed_hidden_states." + layers;
    }

    @Override
    public Map<String, Integer> windows() {
        return Map.of(TOKENIZER, blueprint.tokenizer(TOKENIZER).maxLength());
    }

    /// Old folders lack what these fields say by now, and the constructors of the reference's
    /// pipelines put it right; those with ControlNets and those of consistency models do not.
    @Override
    public SchedulerConfig scheduler(SchedulerConfig folder, Task task, boolean controlled) {
        if (consistent() || controlled) {
            return folder;
        }
        SchedulerConfig offset = folder.with("steps_offset", 1);
        return task == Task.INPAINTING
                ? offset.with("skip_prk_steps", true)
                : offset.with("clip_sample", false);
    }

    @Override
    public boolean needsAStep(Task task, boolean controlled) {
        return task == Task.INPAINTING && !controlled;
    }

    /// A consistency model's picture is what its own sampler takes for the clean one.
    @Override
    public boolean runs(SchedulerName sampler, Task task) {
        return !consistent() || sampler == SchedulerName.LCM;
    }

    /// A consistency model chooses among the timesteps that it was distilled for.
    @Override
    public SamplingOptions from(SamplingOptions options, int steps, double strength) {
        return consistent()
                ? options.withDistilledShare(strength)
                : Family.super.from(options, steps, strength);
    }

    @Override
    public Conditioning condition(ImageSpec job, TextEncoders encoders) {
        Prompts prompts = Prompts.of(job, this);
        int length = blueprint.tokenizer(TOKENIZER).maxLength();
        FloatTensor text =
                Conditioning.each(
                        tokens(
                                prompts,
                                encoders.encode(ENCODER, TOKENIZER, length, prompts.texts())),
                        prompts.count());
        Map<String, Tensor> inputs = new HashMap<>();
        inputs.put("encoder_hidden_states", text);
        if (consistent()) {
            inputs.put("timestep_cond", guidanceEmbedding(prompts.guidance(), prompts.rows()));
        }
        return new Conditioning(prompts.rows(), inputs, Map.of());
    }

    /// The prompt with the layers left out that the job names; the negative prompt with all.
    private static FloatTensor tokens(Prompts prompts, TextEncoders.Encoded encoded) {
        FloatTensor last = encoded.output("last_hidden_state");
        if (prompts.skipped() == 0) {
            return last;
        }
        FloatTensor tokens = encoded.output(normed(encoded.layers() - prompts.skipped())).copy();
        if (prompts.guided()) {
            tokens.rows(0, 1).copyFrom(last.rows(0, 1));
        }
        return tokens;
    }

    /// Sines and cosines of the guidance scale, as the denoiser was distilled with.
    ///
    /// Source: `get_guidance_scale_embedding` in
    /// `pipelines/latent_consistency_models/pipeline_latent_consistency_text2img.py`.
    private FloatTensor guidanceEmbedding(double guidance, int rows) {
        int size = blueprint.folder().denoiser().traits().guidanceEmbedding();
        int half = size / 2;
        float weight = (float) (guidance - 1) * 1000f;
        float step = (float) Math.log(10000f) / (half - 1);
        FloatTensor embedding = FloatTensor.allocate(Shape.of(rows, size));
        for (int row = 0; row < rows; row++) {
            for (int k = 0; k < half; k++) {
                float angle = weight * (float) Math.exp(k * -step);
                embedding.set(row * size + k, (float) Math.sin(angle));
                embedding.set(row * size + half + k, (float) Math.cos(angle));
            }
        }
        return embedding;
    }
}
