package dev.darkroom.protocol.job;

/// Where an input of a job lies.
///
/// @param uri an `s3://bucket/key` or presigned `https://` address
public record InputUri(String uri) {}
