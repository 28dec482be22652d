package dev.darkroom.worker.model;

/// Models of one architecture: the same parts, used in the same way.
public enum ModelFamily {
    /// A denoiser of pixels that knows one kind of picture: Ho et al. 2020.
    UNCONDITIONAL,
    /// Stable Diffusion 1 and 2: Rombach et al. 2022.
    STABLE_DIFFUSION,
    /// The same, distilled to a few steps: Luo et al. 2023 ("Latent Consistency Models").
    LATENT_CONSISTENCY,
    /// Stable Diffusion XL: Podell et al. 2023.
    STABLE_DIFFUSION_XL,
    /// Stable Diffusion 3: Esser et al. 2024.
    STABLE_DIFFUSION_3,
    /// FLUX.1: Black Forest Labs 2024.
    FLUX;

    /// Whether it samples in a latent space and needs a decoder.
    public boolean latent() {
        return this != UNCONDITIONAL;
    }

    /// Whether its denoiser is a transformer; else it is a UNet.
    boolean transformer() {
        return switch (this) {
            case STABLE_DIFFUSION_3, FLUX -> true;
            case UNCONDITIONAL, STABLE_DIFFUSION, LATENT_CONSISTENCY, STABLE_DIFFUSION_XL -> false;
        };
    }
}
