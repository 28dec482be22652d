package dev.darkroom.worker.input;

import dev.darkroom.protocol.job.InputUri;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// Where an input lies.
sealed interface Location {
    /// What S3 takes as a key at most. Some stores answer a longer one as if they were away, which
    /// a job would wait for to the end of time.
    int KEY_BYTES = 1024;

    /// An object in a bucket.
    ///
    /// @param bucket its name
    /// @param key of the object, as it is
    record S3Object(String bucket, String key) implements Location {}

    /// What a server gives out.
    ///
    /// @param uri with a host and without credentials
    /// @param host in lower case; an IPv6 address without brackets
    /// @param port the one written, or 443
    record Https(URI uri, String host, int port) implements Location {}

    /// The location that an address names.
    ///
    /// @throws IllegalArgumentException saying what is legal
    static Location of(InputUri input) {
        String written = input.uri();
        if (written.startsWith("s3://")) {
            int slash = written.indexOf('/', "s3://".length());
            if (slash <= "s3://".length() || slash == written.length() - 1) {
                throw new IllegalArgumentException("s3://bucket/key");
            }
            String key = written.substring(slash + 1);
            if (key.getBytes(StandardCharsets.UTF_8).length > KEY_BYTES) {
                throw new IllegalArgumentException(
                        "s3://bucket/key with a key of at most " + KEY_BYTES + " bytes");
            }
            return new S3Object(written.substring("s3://".length(), slash), key);
        }
        return https(written);
    }

    private static Https https(String written) {
        URI uri;
        try {
            uri = new URI(written);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("a sound address (" + e.getReason() + ")", e);
        }
        if (!"https".equals(uri.getScheme())) {
            throw new IllegalArgumentException("s3://bucket/key, or an https:// address");
        }
        if (uri.getHost() == null || uri.getPort() > 65_535) {
            throw new IllegalArgumentException("an https:// address with a host");
        }
        if (uri.getRawUserInfo() != null) {
            throw new IllegalArgumentException("an https:// address without user and password");
        }
        String host = uri.getHost().toLowerCase(Locale.ROOT).replaceAll("^\\[|]$", "");
        return new Https(uri, host, uri.getPort() < 0 ? 443 : uri.getPort());
    }
}
