package dev.darkroom.worker.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The kinds of pipeline that are built, named as `model_index.json` names them.
public enum PipelineClass {
    /// Pictures of one kind, from noise alone.
    DDPM("DDPMPipeline", ModelFamily.UNCONDITIONAL),
    /// The same with the deterministic sampler.
    DDIM("DDIMPipeline", ModelFamily.UNCONDITIONAL),
    /// Text to picture in a latent space, guided without a classifier.
    STABLE_DIFFUSION("StableDiffusionPipeline", ModelFamily.STABLE_DIFFUSION),
    /// The same parts, saved as the pipeline that starts from a picture.
    STABLE_DIFFUSION_IMG2IMG("StableDiffusionImg2ImgPipeline", ModelFamily.STABLE_DIFFUSION),
    /// The same, saved as the pipeline that repaints what a mask shows.
    STABLE_DIFFUSION_INPAINT("StableDiffusionInpaintPipeline", ModelFamily.STABLE_DIFFUSION),
    /// The same with a ControlNet.
    STABLE_DIFFUSION_CONTROLNET("StableDiffusionControlNetPipeline", ModelFamily.STABLE_DIFFUSION),
    /// The same with a ControlNet, saved as the pipeline that starts from a picture.
    STABLE_DIFFUSION_CONTROLNET_IMG2IMG(
            "StableDiffusionControlNetImg2ImgPipeline", ModelFamily.STABLE_DIFFUSION),
    /// The same with a ControlNet, saved as the pipeline that repaints what a mask shows.
    STABLE_DIFFUSION_CONTROLNET_INPAINT(
            "StableDiffusionControlNetInpaintPipeline", ModelFamily.STABLE_DIFFUSION),
    /// Distilled to a few steps, told the guidance scale instead of guided.
    LATENT_CONSISTENCY("LatentConsistencyModelPipeline", ModelFamily.LATENT_CONSISTENCY),
    /// The same parts, saved as the pipeline that starts from a picture.
    LATENT_CONSISTENCY_IMG2IMG(
            "LatentConsistencyModelImg2ImgPipeline", ModelFamily.LATENT_CONSISTENCY),
    /// Two text encoders, and a denoiser that is told the picture's size.
    STABLE_DIFFUSION_XL("StableDiffusionXLPipeline", ModelFamily.STABLE_DIFFUSION_XL),
    /// The same parts, saved as the pipeline that starts from a picture; the refiner.
    STABLE_DIFFUSION_XL_IMG2IMG(
            "StableDiffusionXLImg2ImgPipeline", ModelFamily.STABLE_DIFFUSION_XL),
    /// The same, saved as the pipeline that repaints what a mask shows.
    STABLE_DIFFUSION_XL_INPAINT(
            "StableDiffusionXLInpaintPipeline", ModelFamily.STABLE_DIFFUSION_XL),
    /// The same with a ControlNet.
    STABLE_DIFFUSION_XL_CONTROLNET(
            "StableDiffusionXLControlNetPipeline", ModelFamily.STABLE_DIFFUSION_XL),
    /// The same with a ControlNet, saved as the pipeline that starts from a picture.
    STABLE_DIFFUSION_XL_CONTROLNET_IMG2IMG(
            "StableDiffusionXLControlNetImg2ImgPipeline", ModelFamily.STABLE_DIFFUSION_XL),
    /// The same with a ControlNet, saved as the pipeline that repaints what a mask shows.
    STABLE_DIFFUSION_XL_CONTROLNET_INPAINT(
            "StableDiffusionXLControlNetInpaintPipeline", ModelFamily.STABLE_DIFFUSION_XL),
    /// A transformer, three text encoders and a rectified flow.
    STABLE_DIFFUSION_3("StableDiffusion3Pipeline", ModelFamily.STABLE_DIFFUSION_3),
    /// The same parts, saved as the pipeline that starts from a picture.
    STABLE_DIFFUSION_3_IMG2IMG("StableDiffusion3Img2ImgPipeline", ModelFamily.STABLE_DIFFUSION_3),
    /// The same, saved as the pipeline that repaints what a mask shows.
    STABLE_DIFFUSION_3_INPAINT("StableDiffusion3InpaintPipeline", ModelFamily.STABLE_DIFFUSION_3),
    /// A transformer over packed latents, two text encoders and a rectified flow.
    FLUX("FluxPipeline", ModelFamily.FLUX),
    /// The same parts, saved as the pipeline that starts from a picture.
    FLUX_IMG2IMG("FluxImg2ImgPipeline", ModelFamily.FLUX),
    /// The same, saved as the pipeline that repaints what a mask shows.
    FLUX_INPAINT("FluxInpaintPipeline", ModelFamily.FLUX);

    private final String wireName;
    private final ModelFamily family;

    PipelineClass(String wireName, ModelFamily family) {
        this.wireName = wireName;
        this.family = family;
    }

    /// The name in `model_index.json`.
    public String wireName() {
        return wireName;
    }

    /// What it is one of: the tasks of a family share their parts, and every folder of a family can
    /// do all tasks that its parts allow.
    public ModelFamily family() {
        return family;
    }

    /// The class of this name in `model_index.json`.
    public static Optional<PipelineClass> ofWireName(String name) {
        return Arrays.stream(values()).filter(c -> c.wireName.equals(name)).findFirst();
    }

    /// The names of all classes that are built.
    static List<String> wireNames() {
        return Arrays.stream(values()).map(PipelineClass::wireName).toList();
    }
}
