package dev.darkroom.protocol.job;

/// Where an input of a job lies.
///
/// @param uri an `s3://bucket/key` or presigned `https://` address
public record InputUri(String uri) {
    /// The address as it may be shown: a presigned one without its signature, which is a key to the
    /// object.
    public String shown() {
        int query = uri.indexOf('?');
        return uri.startsWith("https://") && query >= 0 ? uri.substring(0, query) : uri;
    }
}
