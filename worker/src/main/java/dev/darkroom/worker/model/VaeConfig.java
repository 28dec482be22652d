package dev.darkroom.worker.model;

import java.nio.file.Path;
import java.util.List;

/// What a pipeline needs to know of its decoder, from `vae_decoder/config.json`.
///
/// @param latentChannels channels of a latent sample
/// @param scalingFactor what latents are divided by before they are decoded
/// @param shiftFactor what is added to them after that
/// @param factor pixels along one side of a latent cell
public record VaeConfig(int latentChannels, double scalingFactor, double shiftFactor, int factor) {
    /// The reference's default (`AutoencoderKL` in `models/autoencoders/autoencoder_kl.py`).
    private static final double DEFAULT_SCALING = 0.18215;

    /// The configuration of a folder of this family; what is wrong is noted. Only the pipelines of
    /// transformers shift latents: the reference's others do not look at `shift_factor`.
    static VaeConfig read(Path folder, ModelFamily family, List<String> problems) {
        JsonFile file = JsonFile.read(folder, "vae_decoder/config.json", problems);
        double scaling = file.number("scaling_factor").orElse(DEFAULT_SCALING);
        if ((float) scaling == 0) {
            file.problem("scaling_factor", "is " + scaling + "; legal: anything but 0");
        }
        for (String field : List.of("latents_mean", "latents_std")) {
            if (file.value(field).isPresent()) {
                file.problem(field, "is set; legal: null, since other latents are not built");
            }
        }
        return new VaeConfig(
                file.size("latent_channels"),
                scaling,
                family.transformer() ? file.number("shift_factor").orElse(0.0) : 0,
                1 << (file.length("block_out_channels") - 1));
    }

    /// What an inpainting denoiser is given: the sample, the mask, and the picture under the mask.
    int inpaintingChannels() {
        return 2 * latentChannels + 1;
    }
}
