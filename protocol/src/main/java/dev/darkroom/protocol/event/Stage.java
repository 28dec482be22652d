package dev.darkroom.protocol.event;

/// A stage of a job's path, in order.
public enum Stage {
    /// Inputs are being fetched and the model is being made ready.
    LOAD,
    /// Prompt and inputs are being encoded.
    ENCODE,
    /// The sampler runs.
    DENOISE,
    /// Latents become media.
    DECODE,
    /// Outputs are encoded and stored.
    UPLOAD
}
