package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.model.Blueprint;

/// Finds the pipeline that a model is for.
public final class Pipelines {
    private Pipelines() {}

    /// The pipeline of the class that the model's folder names. What a job asks of it, it checks
    /// itself: see [Pipeline#prepare].
    public static Pipeline of(Blueprint model) {
        return switch (model.folder().pipeline()) {
            case STABLE_DIFFUSION -> new StableDiffusionTextToImage(model);
            case DDPM, DDIM -> new UnconditionalImages(model);
        };
    }
}
