package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// How a denoiser wants latents.
enum Layout {
    /// As they are, whatever their axes.
    PLAIN,
    /// Two by two cells of pictures' `[C, h, w]` as one: `[h/2 · w/2, C · 4]`.
    ///
    /// Source: `FluxPipeline._pack_latents` in the reference's `pipelines/flux/pipeline_flux.py`.
    PACKED;

    private static final int SIDE = 2;

    /// The shape of latents of this shape for the denoiser.
    Shape shape(Shape latent) {
        return switch (this) {
            case PLAIN -> latent;
            case PACKED ->
                    Shape.of(
                            latent.size(1) / SIDE * (latent.size(2) / SIDE),
                            latent.size(0) * SIDE * SIDE);
        };
    }

    /// Writes `latent` as the denoiser wants it into `packed`.
    void pack(FloatTensor latent, FloatTensor packed) {
        switch (this) {
            case PLAIN -> packed.copyFrom(latent);
            case PACKED -> {
                for (int k = 0; k < latent.shape().elements(); k++) {
                    packed.set(packed(k, latent.shape()), latent.get(k));
                }
            }
        }
    }

    /// Writes what [#pack] made back into `latent`.
    void unpack(FloatTensor packed, FloatTensor latent) {
        switch (this) {
            case PLAIN -> latent.copyFrom(packed);
            case PACKED -> {
                for (int k = 0; k < latent.shape().elements(); k++) {
                    latent.set(k, packed.get(packed(k, latent.shape())));
                }
            }
        }
    }

    /// Where element `k` of latents `[C, h, w]` lies when they are packed.
    private static int packed(int k, Shape latent) {
        int channels = latent.size(0);
        int width = latent.size(2);
        int plane = latent.size(1) * width;
        int channel = k / plane;
        int y = k % plane / width;
        int x = k % width;
        int cell = y / SIDE * (width / SIDE) + x / SIDE;
        int part = y % SIDE * SIDE + x % SIDE;
        return (cell * channels + channel) * SIDE * SIDE + part;
    }
}
