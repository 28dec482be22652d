package dev.darkroom.worker.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// What a pipeline needs to know of its denoiser, from its `config.json`.
///
/// @param part name of the denoiser's folder
/// @param inChannels channels of what it is given
/// @param outChannels channels of its prediction: as many, or twice as many with a learned
///   variance, or fewer where it is given more than the sample
/// @param height of the samples that it was trained on, in cells
/// @param width of the samples that it was trained on, in cells
/// @param multiple what a sample's sides, in cells, must be multiples of
/// @param traits what only some families have
public record DenoiserConfig(
        String part,
        int inChannels,
        int outChannels,
        int height,
        int width,
        int multiple,
        Traits traits) {
    /// In `config.json`: see [Traits#guidanceEmbedding].
    static final String GUIDANCE_EMBEDDING = "time_cond_proj_dim";

    private static final int GREATEST_SIDE = 1 << 15;

    /// FLUX names no size of its own: the `default_sample_size` of `FluxPipeline`.
    private static final int FLUX_SIZE = 128;

    /// FLUX packs two by two latent cells into one.
    private static final int FLUX_PACKED = 2;

    /// What only some denoisers have; 0 and false where it does not apply.
    ///
    /// @param guidanceEmbedding length of the embedding of the guidance scale that the denoiser
    ///   takes (`time_cond_proj_dim`)
    /// @param contextSize length of an encoded token (`joint_attention_dim`)
    /// @param tellsGuidance whether it is told the guidance scale (`guidance_embeds`)
    public record Traits(int guidanceEmbedding, int contextSize, boolean tellsGuidance) {
        /// None of them.
        static final Traits NONE = new Traits(0, 0, false);
    }

    /// The UNet in this file; what is wrong is noted there.
    static DenoiserConfig unet(JsonFile file) {
        Optional<JsonNode> size =
                file.required(
                        "sample_size",
                        value ->
                                isSide(value)
                                        || (value.isArray()
                                                && value.size() == 2
                                                && isSide(value.get(0))
                                                && isSide(value.get(1))),
                        "a whole number from 1 to " + GREATEST_SIDE + ", or [height, width]");
        int height = size.map(s -> s.isInt() ? s.intValue() : s.get(0).intValue()).orElse(1);
        int width = size.map(s -> s.isInt() ? s.intValue() : s.get(1).intValue()).orElse(1);
        return new DenoiserConfig(
                "unet",
                file.size("in_channels"),
                file.size("out_channels"),
                height,
                width,
                1 << (file.length("block_out_channels") - 1),
                new Traits(
                        file.value(GUIDANCE_EMBEDDING).isEmpty()
                                ? 0
                                : file.size(GUIDANCE_EMBEDDING),
                        0,
                        false));
    }

    private static boolean isSide(JsonNode value) {
        return value.isInt() && value.intValue() >= 1 && value.intValue() <= GREATEST_SIDE;
    }

    /// The transformer of Stable Diffusion 3 in this file; what is wrong is noted there.
    static DenoiserConfig stableDiffusion3(JsonFile file) {
        int channels = file.size("in_channels");
        int size = file.size("sample_size");
        return new DenoiserConfig(
                "transformer",
                channels,
                file.integer("out_channels").orElse(channels),
                size,
                size,
                file.size("patch_size"),
                new Traits(0, file.size("joint_attention_dim"), false));
    }

    /// The transformer of FLUX in this file; what is wrong is noted there. Its channels are those
    /// of packed cells.
    static DenoiserConfig flux(JsonFile file) {
        int channels = file.size("in_channels");
        return new DenoiserConfig(
                "transformer",
                channels,
                file.integer("out_channels").orElse(channels),
                FLUX_SIZE,
                FLUX_SIZE,
                FLUX_PACKED,
                new Traits(0, file.size("joint_attention_dim"), file.flag("guidance_embeds")));
    }
}
