package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.worker.model.VaeConfig;
import dev.darkroom.worker.sampling.SamplingOptions;
import dev.darkroom.worker.sampling.SchedulerConfig;
import java.util.Map;
import java.util.Optional;

/// What tells one family of latent diffusion models from another: how prompts become conditions,
/// how its denoiser is asked, and what its reference pipelines can do. Made for one model's
/// blueprint; immutable.
interface Family {
    /// How it does a task; nothing where its reference has no pipeline for it.
    ///
    /// @param controlled whether ControlNets take part
    Optional<Rules> rules(Task task, boolean controlled);

    /// Why this model cannot do a task that others of its family can; nothing where the family
    /// itself cannot, or where it can.
    default Optional<String> obstacle(Task task) {
        return Optional.empty();
    }

    /// How its denoiser is asked.
    Ports ports();

    /// Whether it can use a negative prompt at all.
    boolean takesNegativePrompt();

    /// Whether this scale guides by comparison with the negative prompt.
    default boolean guided(double guidance) {
        return takesNegativePrompt() && guidance > 1;
    }

    /// How many layers of its text encoders can be left out: 0 where none can.
    int mostClipSkip();

    /// The tokens that each tokenizer, by its folder, makes of a text at most.
    Map<String, Integer> windows();

    /// What the denoiser is told of a prepared job.
    Conditioning condition(ImageSpec job, TextEncoders encoders);

    /// The folder's scheduler as the reference's pipeline for this task corrects it.
    default SchedulerConfig scheduler(SchedulerConfig folder, Task task, boolean controlled) {
        return folder;
    }

    /// How a sampler runs over pictures of this size.
    default SamplingOptions options(Size size) {
        return SamplingOptions.DEFAULTS;
    }

    /// The options of a sampler that starts from an init picture.
    default SamplingOptions from(SamplingOptions options, int steps, double strength) {
        return options.withStartStep(SamplingOptions.startStepOf(steps, strength));
    }

    /// Whether its reference pipeline for this task refuses a strength that is too small for a
    /// whole step. Where it does not, a sampler may have calls left even so.
    default boolean needsAStep(Task task, boolean controlled) {
        return task == Task.INPAINTING;
    }

    /// Whether its reference pipeline for this task can be driven by this sampler.
    default boolean runs(SchedulerName sampler, Task task) {
        return true;
    }

    /// What is added to latents before they are decoded.
    default double decodingShift(VaeConfig vae, Task task) {
        return vae.shiftFactor();
    }

    /// How inpainting starts.
    default Inpainting.Beginning inpaintingFrom(double strength) {
        return strength == 1 ? Inpainting.Beginning.NOISE : Inpainting.Beginning.NOISED;
    }

    /// Names and units of the denoiser's graph.
    ///
    /// @param sample input: the samples
    /// @param prediction output
    /// @param layout of the samples
    /// @param timestepUnit what timesteps are divided by
    record Ports(String sample, String prediction, Layout layout, double timestepUnit) {
        /// Those of UNets.
        static final Ports UNET = new Ports("sample", "out_sample", Layout.PLAIN, 1);
    }
}
