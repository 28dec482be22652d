package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// How a denoiser wants latents `[C, h, w]`.
enum Layout {
    /// As they are.
    PLAIN,
    /// Two by two cells as one: `[h/2 · w/2, C · 4]`.
    ///
    /// Source: `FluxPipeline._pack_latents` in the reference's `pipelines/flux/pipeline_flux.py`.
    PACKED;

    private static final int SIDE = 2;

    /// The shape of latents of shape `[C, h, w]` for the denoiser.
    Shape shape(Shape latent) {
        return switch (this) {
            case PLAIN -> latent;
            case PACKED ->
                    Shape.of(
                            latent.size(1) / SIDE * (latent.size(2) / SIDE),
                            latent.size(0) * SIDE * SIDE);
        };
    }

    /// Writes `latent`, `[C, h, w]`, as the denoiser wants it into `packed`.
    void pack(FloatTensor latent, FloatTensor packed) {
        move(latent.shape(), latent, packed, true);
    }

    /// Writes what [#pack] made back into `latent`, `[C, h, w]`.
    void unpack(FloatTensor packed, FloatTensor latent) {
        move(latent.shape(), packed, latent, false);
    }

    private void move(Shape latent, FloatTensor from, FloatTensor to, boolean packing) {
        int width = latent.size(2);
        int channels = latent.size(0);
        int plane = latent.size(1) * width;
        for (int k = 0; k < latent.elements(); k++) {
            int packed = k;
            if (this == PACKED) {
                int channel = k / plane;
                int y = k % plane / width;
                int x = k % width;
                int cell = y / SIDE * (width / SIDE) + x / SIDE;
                int part = y % SIDE * SIDE + x % SIDE;
                packed = (cell * channels + channel) * SIDE * SIDE + part;
            }
            if (packing) {
                to.set(packed, from.get(k));
            } else {
                to.set(k, from.get(packed));
            }
        }
    }
}
