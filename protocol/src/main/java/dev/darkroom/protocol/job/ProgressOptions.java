package dev.darkroom.protocol.job;

/// What progress a job reports.
///
/// @param everySteps at every how many steps, at least 1
/// @param preview with a small picture or waveform where the model has them
public record ProgressOptions(int everySteps, boolean preview) {
    /// At every step, with previews.
    public static final ProgressOptions DEFAULT = new ProgressOptions(1, true);
}
