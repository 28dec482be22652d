package dev.darkroom.protocol.job;

import org.jspecify.annotations.Nullable;

/// The size of pictures or frames in pixels. An absent field takes the model's default.
///
/// @param width pixels, at least 1
/// @param height pixels, at least 1
public record Size(@Nullable Integer width, @Nullable Integer height) {
    /// The model's own size.
    public static final Size DEFAULT = new Size(null, null);
}
