package dev.darkroom.protocol.client;

import java.net.URI;
import java.util.regex.Pattern;

/// Where a fleet's outputs are stored, and the right to read them.
///
/// @param endpoint of the store, for example `https://s3.eu-central-1.amazonaws.com`; buckets are
///   the first part of the path
/// @param region which the store's signatures name
/// @param accessKey the name of the key
/// @param secretKey its secret; [#toString] leaves it out
public record S3Access(URI endpoint, String region, String accessKey, String secretKey) {
    private static final Pattern LEGAL_REGION = Pattern.compile("[A-Za-z0-9-]+");

    /// Refuses what cannot be signed.
    public S3Access {
        String scheme = endpoint.getScheme();
        if (endpoint.getHost() == null || !("http".equals(scheme) || "https".equals(scheme))) {
            throw new IllegalArgumentException(
                    "endpoint is '" + endpoint + "'; legal: http://host[:port] or https://host");
        }
        if (!LEGAL_REGION.matcher(region).matches()) {
            throw new IllegalArgumentException(
                    "region is '" + region + "'; legal: " + LEGAL_REGION.pattern());
        }
        if (accessKey.isBlank() || secretKey.isBlank()) {
            throw new IllegalArgumentException(
                    "access key is '" + accessKey + "'; legal: a key and a secret, neither empty");
        }
    }

    @Override
    public String toString() {
        return "S3Access[endpoint="
                + endpoint
                + ", region="
                + region
                + ", accessKey="
                + accessKey
                + "]";
    }
}
