package dev.darkroom.worker.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

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

    private static final String POSITIONS = "pos_embed_max_size";
    private static final int GREATEST_SIDE = 1 << 15;

    /// Versions of the reference before 0.9.
    private static final Pattern OLD = Pattern.compile("0\\.[0-8](\\D|$)");

    private static final int OLD_SIZE = 64;

    /// The default of `SD3Transformer2DModel`.
    private static final int DEFAULT_POSITIONS = 96;

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
    /// @param positions along a side that it knows, each of [DenoiserConfig#multiple] cells
    ///   (`pos_embed_max_size`); 0 where any number will do
    /// @param packed whether it takes packed cells in a row
    public record Traits(
            int guidanceEmbedding,
            int contextSize,
            boolean tellsGuidance,
            int positions,
            boolean packed) {
        /// None of them.
        static final Traits NONE = new Traits(0, 0, false, 0, false);
    }

    /// The denoiser of a folder of this family; what is wrong is noted.
    static DenoiserConfig read(Path folder, ModelFamily family, List<String> problems) {
        String part = family.transformer() ? "transformer" : "unet";
        JsonFile file = JsonFile.read(folder, part + "/config.json", problems);
        return switch (family) {
            case UNCONDITIONAL, LATENT_CONSISTENCY, STABLE_DIFFUSION_XL -> unet(file, 0);
            case STABLE_DIFFUSION -> unet(file, isOld(file) ? OLD_SIZE : 0);
            case STABLE_DIFFUSION_3 -> stableDiffusion3(file);
            case FLUX -> flux(file);
        };
    }

    /// Whether the file is of a time when `sample_size` was that of a part of the training only.
    /// The constructors of Stable Diffusion's pipelines put a smaller one right
    /// (`pipelines/stable_diffusion/pipeline_stable_diffusion.py` of the reference).
    private static boolean isOld(JsonFile file) {
        return file.text("_diffusers_version").filter(v -> OLD.matcher(v).lookingAt()).isPresent();
    }

    /// The UNet in this file.
    ///
    /// @param least what a smaller `sample_size` is taken for, where it is one number
    private static DenoiserConfig unet(JsonFile file, int least) {
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
        int height = size.map(s -> side(s, 0, least)).orElse(1);
        int width = size.map(s -> side(s, 1, least)).orElse(1);
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
                        false,
                        0,
                        false));
    }

    private static int side(JsonNode size, int axis, int least) {
        return size.isInt() ? Math.max(size.intValue(), least) : size.get(axis).intValue();
    }

    private static boolean isSide(JsonNode value) {
        return value.isInt() && value.intValue() >= 1 && value.intValue() <= GREATEST_SIDE;
    }

    private static DenoiserConfig stableDiffusion3(JsonFile file) {
        int channels = file.size("in_channels");
        int size = file.size("sample_size");
        return new DenoiserConfig(
                "transformer",
                channels,
                file.integer("out_channels").orElse(channels),
                size,
                size,
                file.size("patch_size"),
                new Traits(0, file.size("joint_attention_dim"), false, positions(file), false));
    }

    private static int positions(JsonFile file) {
        if (file.value(POSITIONS).isPresent()) {
            return file.size(POSITIONS);
        }
        return file.names().contains(POSITIONS) ? 0 : DEFAULT_POSITIONS;
    }

    /// Its channels are those of packed cells.
    private static DenoiserConfig flux(JsonFile file) {
        int channels = file.size("in_channels");
        return new DenoiserConfig(
                "transformer",
                channels,
                file.integer("out_channels").orElse(channels),
                FLUX_SIZE,
                FLUX_SIZE,
                FLUX_PACKED,
                new Traits(
                        0,
                        file.size("joint_attention_dim"),
                        file.flag("guidance_embeds"),
                        0,
                        true));
    }
}
