package dev.darkroom.protocol.job;

import org.jspecify.annotations.Nullable;

/// How often a job was handed back unfinished, and where its last checkpoint lies.
///
/// @param count hand-backs so far, 0 or more
/// @param checkpoint address of the checkpoint; absent: start over
public record HandBacks(int count, @Nullable String checkpoint) {
    /// Never handed back.
    public static final HandBacks NONE = new HandBacks(0, null);
}
