package dev.darkroom.protocol.job;

import org.jspecify.annotations.Nullable;

/// How many outputs a job makes and from which seed.
///
/// @param count outputs, at least 1; absent: the model's default
/// @param seed seed of the first; output *i* has `seed + i`; absent: derived from the job's id
public record Outputs(@Nullable Integer count, @Nullable Seed seed) {
    /// As many as the model makes by default, from the job's own seed.
    public static final Outputs DEFAULTS = new Outputs(null, null);
}
