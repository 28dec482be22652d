package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.ModelFolder;
import dev.darkroom.worker.model.VaeConfig;
import dev.darkroom.worker.sampling.DynamicShift;
import dev.darkroom.worker.sampling.SamplingOptions;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Stable Diffusion 3 and 3.5 (Esser et al. 2024): two CLIP encoders and T5, whose tokens follow
/// each other; without T5 there are zeros in its place.
///
/// Source: `pipelines/stable_diffusion_3` of the reference.
///
/// | tensor | shape |
/// |---|---|
/// | encoder_hidden_states | `[B, T + T₅, D]` |
/// | pooled_projections | `[B, D₁ + D₂]` |
final class StableDiffusion3 implements Family {
    private static final int SEQUENCE = 256;

    /// The latent channels that the reference's inpainting insists on.
    private static final int INPAINTED_CHANNELS = 16;

    private static final double GREATEST_SHIFT = 1.16;
    private static final String T5 = "text_encoder_3";
    private static final Map<String, String> CLIP =
            Map.of("text_encoder", "tokenizer", "text_encoder_2", "tokenizer_2");

    private final Blueprint blueprint;
    private final ModelFolder folder;

    /// Of this model.
    StableDiffusion3(Blueprint blueprint) {
        this.blueprint = blueprint;
        this.folder = blueprint.folder();
    }

    @Override
    public Optional<Rules> rules(Task task, boolean controlled) {
        if (controlled || obstacle(task).isPresent()) {
            return Optional.empty();
        }
        return Optional.of(task == Task.TEXT_TO_IMAGE ? Rules.of(28, 7, 1) : Rules.of(50, 7, 0.6));
    }

    @Override
    public Optional<String> obstacle(Task task) {
        int channels = folder.vae().orElseThrow().latentChannels();
        return task == Task.INPAINTING && channels != INPAINTED_CHANNELS
                ? Optional.of(
                        blueprint.name()
                                + " has latents of "
                                + channels
                                + " channels, and the reference's pipeline inpaints those of "
                                + INPAINTED_CHANNELS
                                + " only")
                : Optional.empty();
    }

    @Override
    public Ports ports() {
        return new Ports("hidden_states", "out_hidden_states", Layout.PLAIN, 1);
    }

    @Override
    public boolean takesNegativePrompt() {
        return true;
    }

    /// The penultimate layer is the last one used.
    @Override
    public int mostClipSkip() {
        return CLIP.keySet().stream().mapToInt(folder::layers).min().orElseThrow() - 1;
    }

    @Override
    public Map<String, Integer> windows() {
        Map<String, Integer> windows = new LinkedHashMap<>();
        for (String tokenizer : folder.tokenizers()) {
            windows.put(
                    tokenizer,
                    tokenizer.equals("tokenizer_3")
                            ? sequence()
                            : blueprint.tokenizer(tokenizer).maxLength());
        }
        return windows;
    }

    private int sequence() {
        return Terms.first(folder.notes().defaults().maxSequenceLength(), null, SEQUENCE);
    }

    @Override
    public SamplingOptions options(Size size) {
        return SamplingOptions.DEFAULTS.withMu(
                DynamicShift.mu(
                        folder.scheduler(), CellGrid.of(folder, size).cells(), GREATEST_SHIFT));
    }

    @Override
    public SamplingOptions from(SamplingOptions options, int steps, double strength) {
        return options.withStartStep(SamplingOptions.flowStartStepOf(steps, strength));
    }

    /// The reference noises pictures with what only its schedulers for flows can do.
    @Override
    public boolean runs(SchedulerName sampler, Task task) {
        return task == Task.TEXT_TO_IMAGE
                || sampler == SchedulerName.FLOW_EULER
                || sampler == SchedulerName.FLOW_HEUN;
    }

    /// The reference's inpainting leaves the shift out.
    @Override
    public double decodingShift(VaeConfig vae, Task task) {
        return task == Task.INPAINTING ? 0 : vae.shiftFactor();
    }

    @Override
    public Conditioning condition(ImageSpec job, TextEncoders encoders) {
        Prompts prompts = Prompts.of(job, this);
        int window = blueprint.tokenizer("tokenizer").maxLength();
        TextEncoders.Encoded first =
                encoders.encode("text_encoder", "tokenizer", window, prompts.texts());
        TextEncoders.Encoded second =
                encoders.encode("text_encoder_2", "tokenizer_2", window, prompts.texts());
        Penultimate clip = new Penultimate(prompts);
        clip.add(first);
        clip.add(second);
        FloatTensor pooled =
                Conditioning.joined(first.output("text_embeds"), second.output("text_embeds"));
        int size = folder.denoiser().traits().contextSize();
        FloatTensor described =
                folder.has(T5)
                        ? encoders.encode(T5, "tokenizer_3", sequence(), prompts.texts())
                                .output("last_hidden_state")
                        : FloatTensor.allocate(Shape.of(prompts.texts().size(), sequence(), size));
        FloatTensor tokens =
                Conditioning.followed(Conditioning.fitted(clip.tokens(), size), described);
        return new Conditioning(
                prompts.rows(),
                Map.of(
                        "encoder_hidden_states", Conditioning.each(tokens, prompts.count()),
                        "pooled_projections", Conditioning.each(pooled, prompts.count())),
                Map.of());
    }
}
