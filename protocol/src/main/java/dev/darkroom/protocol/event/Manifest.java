package dev.darkroom.protocol.event;

/// The committed outcome of a job: the one object whose conditional creation decides which outcome
/// counts.
///
/// @param jobDigest `sha256:` and the digest of the canonical JSON of the job that was run; empty
///   when the record could not be decoded
/// @param terminal the complete terminal event; whoever finds the manifest publishes it unchanged
public record Manifest(String jobDigest, JobEvent.Terminal terminal) {}
