package dev.darkroom.worker.pipeline;

/// How a family does a task: the reference pipeline's defaults, and which fields it has.
///
/// @param steps of the sampler
/// @param guidance scale
/// @param strength of an init picture; without meaning for text to image
/// @param rescales whether guidance can be rescaled
record Rules(int steps, double guidance, double strength, boolean rescales) {
    /// For a task whose guidance cannot be rescaled.
    static Rules of(int steps, double guidance, double strength) {
        return new Rules(steps, guidance, strength, false);
    }

    /// The same with guidance that can be rescaled.
    Rules rescaling() {
        return new Rules(steps, guidance, strength, true);
    }
}
