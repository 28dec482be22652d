package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;

/// One output's way from noise to a clean sample.
///
/// For each call `i` from [#firstCall] to `calls() - 1`, in order: [#scaleModelInput], the model
/// with [#timestep], [#step]. The first sample is noise as strong as [#initNoiseSigma] or, where
/// steps are left out, a clean sample that [#addNoise] mixed with noise for [#firstCall].
///
/// | tensor | shape | range |
/// |---|---|---|
/// | sample, clean, noise, into | that of [Scheduler#start] | unbounded |
/// | modelOutput | the same; with a learned variance, twice as many elements | unbounded |
///
/// Mutable and not synchronised: one thread owns a run at a time. No method allocates memory that
/// grows with the sample.
public interface SchedulerRun {
    /// The number of model evaluations, those that are left out included; some algorithms need more
    /// than one for each step.
    int calls();

    /// The first evaluation that is made: 0 unless steps are left out
    /// ([SamplingOptions#startStep]).
    int firstCall();

    /// The timestep that the model is told at this call.
    double timestep(int call);

    /// The number of steps that are made.
    int steps();

    /// How many of them are done once this call is: rises to [#steps].
    int stepsDone(int call);

    /// The standard deviation of the noise that the first sample is.
    double initNoiseSigma();

    /// Writes what the model is given at this call into `into`; `sample` stays as it is.
    void scaleModelInput(FloatTensor sample, int call, FloatTensor into);

    /// Moves `sample`, in place, to where the next call wants it.
    ///
    /// @param noise the output's generator, drawn from by stochastic algorithms only
    void step(FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise);

    /// Writes `clean` mixed with `noise` as much as a sample is before this call into `into`.
    void addNoise(FloatTensor clean, FloatTensor noise, int call, FloatTensor into);
}
