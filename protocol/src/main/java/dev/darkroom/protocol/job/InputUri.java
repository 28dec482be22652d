package dev.darkroom.protocol.job;

import java.util.regex.Pattern;

/// Where an input of a job lies.
///
/// @param uri an `s3://bucket/key` or presigned `https://` address
public record InputUri(String uri) {
    private static final Pattern CREDENTIALS = Pattern.compile("^(https://)[^/?#]*@");
    private static final Pattern QUERY = Pattern.compile("[?#].*$", Pattern.DOTALL);

    /// The address as it may be shown: without user and password, and a presigned one without its
    /// signature, which is a key to the object.
    public String shown() {
        if (!uri.startsWith("https://")) {
            return uri;
        }
        String bare = QUERY.matcher(uri).replaceFirst("");
        return CREDENTIALS.matcher(bare).replaceFirst("$1…@");
    }
}
