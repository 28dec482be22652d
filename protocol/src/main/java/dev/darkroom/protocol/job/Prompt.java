package dev.darkroom.protocol.job;

import org.jspecify.annotations.Nullable;

/// What the output shall show or sound like. An absent field takes the model's default.
///
/// @param text the prompt; absent only for unconditional models
/// @param negative what the output shall not show
public record Prompt(@Nullable String text, @Nullable String negative) {
    /// No text at all, for unconditional models.
    public static final Prompt NONE = new Prompt(null, null);
}
