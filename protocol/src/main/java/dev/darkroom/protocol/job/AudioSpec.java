package dev.darkroom.protocol.job;

import org.jspecify.annotations.Nullable;

/// Sound.
///
/// @param prompt what it sounds like
/// @param outputs how many, from which seed
/// @param sampling how the sampler runs
/// @param startSeconds where in its imagined piece the sound starts, 0 or more
/// @param seconds length, above 0; absent: the model's default
public record AudioSpec(
        Prompt prompt,
        Outputs outputs,
        Sampling sampling,
        @Nullable Double startSeconds,
        @Nullable Double seconds)
        implements Spec {
    @Override
    public Kind kind() {
        return Kind.AUDIO;
    }
}
