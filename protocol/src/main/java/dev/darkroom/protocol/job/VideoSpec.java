package dev.darkroom.protocol.job;

/// Frames in time.
///
/// @param prompt what they show
/// @param outputs how many videos, from which seed
/// @param sampling how the sampler runs
/// @param size of a frame in pixels
/// @param motion frames, speed and looping
/// @param guides pictures that guide the output
public record VideoSpec(
        Prompt prompt, Outputs outputs, Sampling sampling, Size size, Motion motion, Guides guides)
        implements Spec {
    @Override
    public Kind kind() {
        return Kind.VIDEO;
    }
}
