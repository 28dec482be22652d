package dev.darkroom.protocol.job;

/// What a job makes.
public enum Kind {
    /// Still pictures.
    IMAGE,
    /// Sound.
    AUDIO,
    /// Frames in time.
    VIDEO
}
