package dev.darkroom.ops.parity;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/// The latents that a reference keeps, `[kept, n, …]`, and what they are to be compared with. Pure.
final class Latents {
    /// Of a hundred calls and more a reference keeps every hundredth only.
    private static final int EVERY = 100;

    private Latents() {}

    /// The calls after which the reference kept its latents, counted from 0: all of them, every
    /// hundredth of many, or the last alone.
    ///
    /// @throws ReferenceException when it kept another number
    static List<Integer> calls(int kept, int made) {
        if (kept == made) {
            return IntStream.range(0, made).boxed().toList();
        }
        if (made >= EVERY && kept == made / EVERY) {
            return IntStream.range(0, kept).map(i -> EVERY * i + EVERY - 1).boxed().toList();
        }
        if (kept == 1) {
            return List.of(made - 1);
        }
        throw new ReferenceException(
                "the model was called "
                        + made
                        + " times, the reference has latents of "
                        + kept
                        + " calls: other steps, strength or scheduler");
    }

    /// Latents in the shape of the reference's, packed if those are.
    static FloatTensor like(Shape reference, FloatTensor latents) {
        boolean packed = reference.rank() == 3 && latents.shape().rank() == 4;
        return packed ? packed(latents) : latents;
    }

    /// Latents `[n, C, h, w]` as FLUX has them: a row of `4C` for every two by two cells, `[n, h/2
    /// · w/2, 4C]`.
    ///
    /// Source: `_pack_latents` of `pipelines/flux/pipeline_flux.py`.
    private static FloatTensor packed(FloatTensor latents) {
        int count = latents.shape().size(0);
        int channels = latents.shape().size(1);
        int height = latents.shape().size(2);
        int width = latents.shape().size(3);
        FloatTensor packed =
                FloatTensor.allocate(Shape.of(count, height / 2 * (width / 2), 4 * channels));
        for (int to = 0; to < packed.shape().elements(); to++) {
            int part = to % (4 * channels);
            int cell = to / (4 * channels) % packed.shape().size(1);
            int n = to / (4 * channels) / packed.shape().size(1);
            int channel = part / 4;
            int y = 2 * (cell / (width / 2)) + part / 2 % 2;
            int x = 2 * (cell % (width / 2)) + part % 2;
            packed.set(to, latents.get(((n * channels + channel) * height + y) * width + x));
        }
        return packed;
    }
}
