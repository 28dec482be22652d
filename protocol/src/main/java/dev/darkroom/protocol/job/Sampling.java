package dev.darkroom.protocol.job;

import org.jspecify.annotations.Nullable;

/// How the sampler runs. An absent field takes the model's default.
///
/// @param steps denoising steps, at least 1
/// @param guidance scale of classifier-free guidance; at 1 or below there is none
/// @param scheduler the sampling algorithm
/// @param eta share of fresh noise at each step where the algorithm has one, 0 to 1
/// @param guidanceRescale share of the rescaled guidance (Lin et al. 2023, section 3.4), 0 to 1
/// @param clipSkip layers of the text encoder left out at its end, 0 or more
public record Sampling(
        @Nullable Integer steps,
        @Nullable Double guidance,
        @Nullable SchedulerName scheduler,
        @Nullable Double eta,
        @Nullable Double guidanceRescale,
        @Nullable Integer clipSkip) {
    /// Every field as the model has it.
    public static final Sampling DEFAULTS = new Sampling(null, null, null, null, null, null);
}
