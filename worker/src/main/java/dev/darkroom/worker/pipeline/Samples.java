package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Seed;
import dev.darkroom.worker.sampling.NoiseGenerator;
import dev.darkroom.worker.sampling.SchedulerRun;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.List;
import java.util.stream.IntStream;

/// The samples of all outputs of one job on their way from noise to media: each with a generator
/// and a scheduler run of its own, so that it comes out the same whatever is made beside it.
///
/// Owned by the job's thread. Allocates when it is made, and never after, except for [#noise].
final class Samples {
    private final Shape drawn;
    private final Layout layout;
    private final FloatTensor all;
    private final List<FloatTensor> rows;
    private final FloatTensor latents;

    /// Rows of the latents, where they are not the samples themselves.
    private final List<FloatTensor> unpacked;

    private final List<NoiseGenerator> generators;
    private final List<SchedulerRun> runs;

    /// `count` samples, all zero still; output *i* draws from a generator seeded `seed + i`.
    ///
    /// @param drawn one output's shape as noise is drawn, for pictures `[C, h, w]`
    Samples(SamplerStart start, Shape drawn, Layout layout, Seed seed, int count) {
        Shape sample = layout.shape(drawn);
        this.drawn = drawn;
        this.layout = layout;
        this.all = FloatTensor.allocate(sample.batchOf(count));
        this.rows = rows(all, 0, count);
        this.latents = layout == Layout.PLAIN ? all : FloatTensor.allocate(drawn.batchOf(count));
        this.unpacked = layout == Layout.PLAIN ? List.of() : rows(latents, 0, count);
        this.generators =
                IntStream.range(0, count)
                        .mapToObj(i -> NoiseGenerator.ofSeed(seed.plus(i).bits()))
                        .toList();
        this.runs = IntStream.range(0, count).mapToObj(_ -> start.run(sample)).toList();
    }

    /// Begins a sampler's run for one output.
    interface SamplerStart {
        /// A run over a sample of this shape.
        SchedulerRun run(Shape sample);
    }

    /// Views of rows of a batch, each without the batch axis.
    static List<FloatTensor> rows(FloatTensor batch, int from, int to) {
        Shape row = batch.shape().row();
        return IntStream.range(from, to).mapToObj(i -> batch.rows(i, i + 1).reshape(row)).toList();
    }

    /// Makes every sample pure noise, as strong as the sampler starts with.
    void startFromNoise() {
        for (int i = 0; i < count(); i++) {
            startFromNoise(i, noise(i));
        }
    }

    /// Makes output `i` this noise, as strong as the sampler starts with.
    void startFromNoise(int i, FloatTensor noise) {
        float sigma = (float) runs.get(i).initNoiseSigma();
        FloatTensor row = rows.get(i);
        for (int k = 0; k < row.shape().elements(); k++) {
            row.set(k, noise.get(k) * sigma);
        }
    }

    /// Makes output `i` a clean sample mixed with noise, as much as the first call wants.
    void startFrom(int i, FloatTensor clean, FloatTensor noise) {
        runs.get(i).addNoise(clean, noise, first(), rows.get(i));
    }

    /// The next draw of output `i`'s generator in the shape of a sample, as the denoiser wants it.
    FloatTensor noise(int i) {
        FloatTensor noise = FloatTensor.allocate(drawn);
        generators.get(i).normal(noise);
        return packed(noise);
    }

    /// One output's latents as the denoiser wants them.
    FloatTensor packed(FloatTensor latent) {
        FloatTensor packed = FloatTensor.allocate(layout.shape(latent.shape()));
        layout.pack(latent, packed);
        return packed;
    }

    /// The generator of output `i`.
    NoiseGenerator generator(int i) {
        return generators.get(i);
    }

    /// Output `i` as it is now.
    FloatTensor row(int i) {
        return rows.get(i);
    }

    /// All samples as they are now, `[n, …]`, as the denoiser wants them.
    FloatTensor all() {
        return all;
    }

    /// All samples as they are now as latents, `[n, C, …]`; the same tensor at every call.
    FloatTensor latents() {
        for (int i = 0; i < unpacked.size(); i++) {
            layout.unpack(rows.get(i), unpacked.get(i));
        }
        return latents;
    }

    /// One output's latents, `[C, …]`.
    Shape latent() {
        return drawn;
    }

    /// The number of outputs, `n`.
    int count() {
        return rows.size();
    }

    /// The first evaluation of the denoiser: 0, or a later one where the samples start half noised.
    int first() {
        return runs.getFirst().firstCall();
    }

    /// One more than the last evaluation of the denoiser.
    int calls() {
        return runs.getFirst().calls();
    }

    /// What the denoiser is told of the noise at this call.
    double timestep(int call) {
        return runs.getFirst().timestep(call);
    }

    /// Writes what the denoiser is given for output `i` at this call.
    void modelInput(int call, int i, FloatTensor into) {
        runs.get(i).scaleModelInput(rows.get(i), call, into);
    }

    /// Moves output `i` on, by what the denoiser predicted at this call.
    void step(int call, int i, FloatTensor prediction) {
        runs.get(i).step(prediction, call, rows.get(i), generators.get(i));
    }

    /// Writes `clean` mixed with `noise` as much as output `i` is at this call into `into`.
    void addNoise(int call, int i, FloatTensor clean, FloatTensor noise, FloatTensor into) {
        runs.get(i).addNoise(clean, noise, call, into);
    }
}
