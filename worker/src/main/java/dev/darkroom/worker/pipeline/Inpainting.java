package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keeps what a mask does not show as it was in the init picture.
///
/// An ordinary denoiser knows nothing of the mask: after every step, what must stay is put back,
/// noised as much as the next step wants. An inpainting denoiser is told, in channels of its own,
/// where the mask is and what is under it, and needs no such help.
///
/// Source: `pipeline_stable_diffusion_inpaint.py` of the reference, and its siblings, which draw
/// from the generators in the same order: the init picture's latents, the noise, the latents of the
/// picture without the masked part (drawn even where they have no further use).
///
/// Owned by the job's thread.
final class Inpainting {
    private final Samples samples;
    private final FloatTensor mask;
    private final List<Kept> kept = new ArrayList<>();
    private final List<FloatTensor> channels = new ArrayList<>();
    private final FloatTensor noised;

    /// What an output is made of that must stay.
    private record Kept(FloatTensor clean, FloatTensor noise) {}

    /// How the samples start.
    enum Beginning {
        /// The init picture, noised as much as the strength says.
        NOISED,
        /// Noise alone, whatever the picture.
        NOISE
    }

    /// Starts every sample.
    ///
    /// @param mask `[1, 1, H, W]`, 0 or 1
    Inpainting(Samples samples, Pictured pictures, FloatTensor mask, Beginning beginning) {
        Shape latent = samples.latent();
        FloatTensor cells = cells(mask, latent.size(1), latent.size(2));
        this.samples = samples;
        this.mask = samples.packed(everyChannel(cells, latent.size(0)));
        this.noised = FloatTensor.allocate(samples.row(0).shape());
        LatentCodec.Posterior whole = pictures.whole();
        LatentCodec.Posterior without = pictures.without();
        for (int i = 0; i < samples.count(); i++) {
            FloatTensor clean =
                    whole == null ? null : samples.packed(whole.sample(samples.generator(i)));
            FloatTensor noise = samples.noise(i);
            if (beginning == Beginning.NOISED && clean != null) {
                samples.startFrom(i, clean, noise);
            } else {
                samples.startFromNoise(i, noise);
            }
            if (without != null) {
                channels.add(channels(cells, without.sample(samples.generator(i))));
            } else {
                // The reference draws its latents all the same.
                samples.noise(i);
                if (clean != null) {
                    kept.add(new Kept(clean, noise));
                }
            }
        }
    }

    /// The encoded pictures.
    ///
    /// @param whole the init picture; nothing where neither the samples nor what must stay come
    ///   from it
    /// @param without the same with nothing (0) where the mask is, for a denoiser that is told of
    ///   it; nothing for others
    record Pictured(
            LatentCodec.@Nullable Posterior whole, LatentCodec.@Nullable Posterior without) {}

    /// A picture `[1, C, H, W]` with 0 where the mask is.
    static FloatTensor without(FloatTensor picture, FloatTensor mask) {
        FloatTensor without = picture.copy();
        int plane = mask.shape().elements();
        for (int k = 0; k < without.shape().elements(); k++) {
            if (mask.get(k % plane) >= 0.5f) {
                without.set(k, 0);
            }
        }
        return without;
    }

    /// What the denoiser is given of output `i` besides the sample, `[C + 1, h, w]`; nothing where
    /// it is not told.
    @Nullable FloatTensor channels(int i) {
        return channels.isEmpty() ? null : channels.get(i);
    }

    /// After a step: puts back what must stay.
    void keep(int call) {
        for (int i = 0; i < kept.size(); i++) {
            FloatTensor stays = kept.get(i).clean();
            if (call + 1 < samples.calls()) {
                samples.addNoise(call + 1, i, stays, kept.get(i).noise(), noised);
                stays = noised;
            }
            FloatTensor row = samples.row(i);
            for (int k = 0; k < row.shape().elements(); k++) {
                float changes = mask.get(k);
                row.set(k, (1 - changes) * stays.get(k) + changes * row.get(k));
            }
        }
    }

    /// The mask's pixel at the upper left of each latent cell, `[1, h, w]`: `interpolate` of the
    /// reference, nearest.
    private static FloatTensor cells(FloatTensor mask, int h, int w) {
        int height = mask.shape().size(2);
        int width = mask.shape().size(3);
        FloatTensor cells = FloatTensor.allocate(Shape.of(1, h, w));
        for (int y = 0; y < h; y++) {
            for (int x = 0; x < w; x++) {
                cells.set(y * w + x, mask.get(y * height / h * width + x * width / w));
            }
        }
        return cells;
    }

    private static FloatTensor everyChannel(FloatTensor cells, int channels) {
        int plane = cells.shape().elements();
        FloatTensor all =
                FloatTensor.allocate(
                        Shape.of(channels, cells.shape().size(1), cells.shape().size(2)));
        for (int k = 0; k < all.shape().elements(); k++) {
            all.set(k, cells.get(k % plane));
        }
        return all;
    }

    private static FloatTensor channels(FloatTensor cells, FloatTensor without) {
        Shape shape = without.shape();
        FloatTensor both =
                FloatTensor.allocate(Shape.of(shape.size(0) + 1, shape.size(1), shape.size(2)));
        both.rows(0, 1).copyFrom(cells);
        both.rows(1, shape.size(0) + 1).copyFrom(without);
        return both;
    }
}
