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
/// Owned by the job's thread. Allocates when it is made, and never after.
final class Samples {
    private final FloatTensor all;
    private final List<FloatTensor> rows;
    private final List<NoiseGenerator> generators;
    private final List<SchedulerRun> runs;

    /// `count` samples of pure noise, as strong as the sampler starts with; output *i* draws from a
    /// generator seeded `seed + i`.
    ///
    /// @param sample one output's shape, `[C, h, w]`
    static Samples noise(SamplerStart start, Shape sample, Seed seed, int count) {
        Samples samples = new Samples(start, sample, seed, count);
        for (int i = 0; i < count; i++) {
            FloatTensor row = samples.rows.get(i);
            samples.generators.get(i).normal(row);
            float sigma = (float) samples.runs.get(i).initNoiseSigma();
            for (int k = 0; k < sample.elements(); k++) {
                row.set(k, row.get(k) * sigma);
            }
        }
        return samples;
    }

    private Samples(SamplerStart start, Shape sample, Seed seed, int count) {
        this.all = FloatTensor.allocate(sample.batchOf(count));
        this.rows = rows(all, 0, count);
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

    /// All samples as they are now, `[n, C, h, w]`.
    FloatTensor all() {
        return all;
    }

    /// The number of outputs, `n`.
    int count() {
        return rows.size();
    }

    /// The number of evaluations of the denoiser.
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
}
