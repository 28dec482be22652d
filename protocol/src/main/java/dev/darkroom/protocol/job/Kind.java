package dev.darkroom.protocol.job;

import java.util.Locale;

/// What a job makes.
public enum Kind {
    /// Still pictures.
    IMAGE,
    /// Sound.
    AUDIO,
    /// Frames in time.
    VIDEO;

    /// The name in a job, for example `image`.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
