package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.model.Blueprint;

/// Finds the pipeline that a model is for.
public final class Pipelines {
    private Pipelines() {}

    /// The pipeline of the class that the model's folder names. What a job asks of it, it checks
    /// itself: see [Pipeline#prepare].
    public static Pipeline of(Blueprint model) {
        return switch (model.folder().pipeline().family()) {
            case UNCONDITIONAL -> new UnconditionalImages(model);
            case STABLE_DIFFUSION, LATENT_CONSISTENCY ->
                    new LatentDiffusion(model, new StableDiffusion(model));
            case STABLE_DIFFUSION_XL -> new LatentDiffusion(model, new StableDiffusionXl(model));
            case STABLE_DIFFUSION_3 -> new LatentDiffusion(model, new StableDiffusion3(model));
            case FLUX -> new LatentDiffusion(model, new Flux(model));
        };
    }
}
