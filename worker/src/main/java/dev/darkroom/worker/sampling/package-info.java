/// Diffusion sampling: schedulers, one file per algorithm, and the noise they draw. Pure
/// arithmetic.
///
/// Three things are kept apart. A [dev.darkroom.worker.sampling.Scheduler] is configuration and
/// never changes. A [dev.darkroom.worker.sampling.SchedulerRun] holds what one output's trajectory
/// needs. A [dev.darkroom.worker.sampling.NoiseGenerator] is the source of randomness of one
/// output.
///
/// What algorithms share has files of its own, by what a sample is:
///
/// | `x` | run | levels |
/// |---|---|---|
/// | `√ᾱ x₀ + √(1 − ᾱ) ε`, whole timesteps | `DiscreteRun` | `NoiseSchedule`, `TimestepSpacing`, `ConsistencyTimesteps` |
/// | `x₀ + σ ε`, input scaled | `SigmaRun` | `TrainedLevels`, `SigmaSpacing`, `Dpm2Levels` |
/// | `α x₀ + σₓ ε` | `SolverRun` | `SolverLevels`, `LevelScale`; `DpmMultistep`, `DpmStep`, `UniPcStep` |
/// | `(1 − σ) x₀ + σ ε` | `SolverRun` | `FlowLevels`, `SolverFlow`, `TimeShift` |
/// | `x₀ + σ ε`, model wrapped | `EdmRun` | `EdmTerms`, `BrownianPath` |
///
/// Notation: `x` is the sample, `x₀` the clean sample that a model output implies, `ε` its noise,
/// `ᾱ` the cumulative product of `1 − β`, and `σ = √((1 − ᾱ) / ᾱ)`.
///
/// Arithmetic is in single precision wherever the reference's is: its rounding is part of what is
/// reproduced (at the last timesteps `1 − ᾱ` keeps only three digits of it).
@NullMarked
package dev.darkroom.worker.sampling;

import org.jspecify.annotations.NullMarked;
