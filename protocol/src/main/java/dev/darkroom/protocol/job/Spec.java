package dev.darkroom.protocol.job;

/// What to make: one record per kind of media. On the wire the fields of the nested records lie
/// flat in `spec`, and `kind` tells the records apart.
public sealed interface Spec permits ImageSpec, AudioSpec, VideoSpec {
    /// What the output shall show or sound like.
    Prompt prompt();

    /// How many outputs, from which seed.
    Outputs outputs();

    /// How the sampler runs.
    Sampling sampling();

    /// The kind of media.
    Kind kind();
}
