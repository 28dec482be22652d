package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.model.VaeConfig;
import dev.darkroom.worker.sampling.NoiseGenerator;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.Map;

/// Pixels to latents and back: the autoencoder of Kingma and Welling 2013 as `AutoencoderKL` of the
/// reference has it (`models/autoencoders/autoencoder_kl.py`).
///
/// @param vae scaling and shift of the latents
/// @param decodingShift what is added to latents that are to be decoded, once they are scaled back
/// @param device where its graphs run
record LatentCodec(VaeConfig vae, double decodingShift, Evaluator device) {
    /// What the encoder says of a picture: a normal distribution over latents.
    ///
    /// @param parameters mean and logarithm of the variance, `[1, 2C, …]`
    record Posterior(FloatTensor parameters, VaeConfig vae) {
        /// Bounds of the logarithm of the variance: `DiagonalGaussianDistribution`.
        private static final float LEAST = -30;

        private static final float GREATEST = 20;

        /// A new draw from it, `[C, …]`, scaled and shifted as the denoiser knows latents.
        FloatTensor sample(NoiseGenerator generator) {
            Shape both = parameters.shape().row();
            FloatTensor sample = FloatTensor.allocate(both.withFirst(both.size(0) / 2));
            generator.normal(sample);
            float scaling = (float) vae.scalingFactor();
            float shift = (float) vae.shiftFactor();
            int elements = sample.shape().elements();
            for (int k = 0; k < elements; k++) {
                float logVariance = Math.clamp(parameters.get(elements + k), LEAST, GREATEST);
                float deviation = (float) Math.exp(0.5 * logVariance);
                float latent = parameters.get(k) + deviation * sample.get(k);
                sample.set(k, (latent - shift) * scaling);
            }
            return sample;
        }
    }

    /// Encodes a picture.
    ///
    /// @param picture `[1, 3, H, W]`, −1 to 1
    Posterior encode(FloatTensor picture, Graph encoder) {
        Evaluation evaluation = new Evaluation(encoder, 1, Map.of("sample", picture), Map.of());
        device.evaluate(evaluation);
        return new Posterior(evaluation.output("latent_parameters"), vae);
    }

    /// Decodes latents, `[n, C, h, w]` to pictures `[n, 3, H, W]`, about −1 to 1.
    FloatTensor decode(FloatTensor latents, Graph decoder) {
        FloatTensor scaled = FloatTensor.allocate(latents.shape());
        float scaling = (float) vae.scalingFactor();
        float shift = (float) decodingShift;
        for (int k = 0; k < latents.shape().elements(); k++) {
            scaled.set(k, latents.get(k) / scaling + shift);
        }
        Evaluation evaluation =
                new Evaluation(
                        decoder,
                        latents.shape().size(0),
                        Map.of("latent_sample", scaled),
                        Map.of());
        device.evaluate(evaluation);
        return evaluation.output("sample");
    }
}
