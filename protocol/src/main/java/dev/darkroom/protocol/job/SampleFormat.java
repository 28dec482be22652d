package dev.darkroom.protocol.job;

/// How a sound's samples are stored: signed 16 or 24 bit integers, or 32-bit floats.
public enum SampleFormat {
    S16,
    S24,
    F32
}
