package dev.darkroom.protocol.job;

import org.jspecify.annotations.Nullable;

/// How and where outputs are stored.
///
/// @param format encoding; absent: `png`, `wav` or `mp4` by kind
/// @param quality of a lossy encoding, 1 to 100
/// @param sampleFormat of uncompressed sound
/// @param prefix put before the job's id in every object key; empty or ending in `/`
public record Output(
        @Nullable OutputFormat format,
        @Nullable Integer quality,
        @Nullable SampleFormat sampleFormat,
        String prefix) {
    /// The kind's default format, no prefix.
    public static final Output DEFAULT = new Output(null, null, null, "");
}
