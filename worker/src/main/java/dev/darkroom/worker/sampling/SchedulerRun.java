package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// One output's way from noise to a clean sample.
///
/// For each call `i` from the first (0, or a later one for a sample that starts half noised) to
/// `calls() - 1`, in order: [#scaleModelInput], the model with [#timestep], [#step].
///
/// | tensor | shape | range |
/// |---|---|---|
/// | sample, clean, noise, into | that of [Scheduler#start] | unbounded |
/// | modelOutput | the same; with a learned variance, twice as many elements | unbounded |
///
/// Mutable and not synchronised: one thread owns a run at a time. No method allocates memory that
/// grows with the sample.
public interface SchedulerRun {
    /// The number of model evaluations; some algorithms need more than one for each step.
    int calls();

    /// The timestep that the model is told at this call.
    double timestep(int call);

    /// The standard deviation of the noise that the first sample is.
    double initNoiseSigma();

    /// Writes what the model is given at this call into `into`; `sample` stays as it is.
    void scaleModelInput(FloatTensor sample, int call, FloatTensor into);

    /// Moves `sample`, in place, to where the next call wants it.
    ///
    /// @param noise the output's generator, drawn from by stochastic algorithms only
    void step(FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise);

    /// Writes `clean` mixed with `noise` as much as a sample is at this call into `into`.
    void addNoise(FloatTensor clean, FloatTensor noise, int call, FloatTensor into);
}
