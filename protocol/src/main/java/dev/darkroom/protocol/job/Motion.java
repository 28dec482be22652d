package dev.darkroom.protocol.job;

import org.jspecify.annotations.Nullable;

/// The course of a video in time. An absent field takes the model's default.
///
/// @param frames how many, at least 1
/// @param fps frames per second, above 0
/// @param loop whether the file asks players to start again at its end
public record Motion(@Nullable Integer frames, @Nullable Double fps, @Nullable Boolean loop) {
    /// The model's own.
    public static final Motion DEFAULT = new Motion(null, null, null);
}
