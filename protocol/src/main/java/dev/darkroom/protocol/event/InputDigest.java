package dev.darkroom.protocol.event;

/// What a job's input was when it was fetched: an address may lead to something else the next day.
///
/// @param field path of the field in the job that names the input, for example `spec.init.uri`
/// @param sha256 digest of the file, 64 hexadecimal digits
public record InputDigest(String field, String sha256) {}
