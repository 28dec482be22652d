package dev.darkroom.worker.storage;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a bucket is reached.
///
/// @param bucket its name
/// @param place where it is
/// @param credentials whose rights are used; absent: found where AWS programs usually look
/// @param checksums when a request carries a checksum
/// @param timeouts how long a call may take
public record S3Settings(
        String bucket,
        Place place,
        @Nullable Credentials credentials,
        Checksums checksums,
        Timeouts timeouts) {
    /// Refuses an empty name.
    public S3Settings {
        if (bucket.isBlank()) {
            throw new IllegalArgumentException("bucket is empty; legal: the name of a bucket");
        }
    }

    /// The endpoint, for messages.
    public String address() {
        URI endpoint = place.endpoint();
        return endpoint == null ? "AWS region " + place.region() : endpoint.toString();
    }

    /// Where a bucket is.
    ///
    /// @param endpoint of a store that is not AWS; absent: AWS itself
    /// @param region that requests are signed for
    /// @param addressing how the bucket is named in a request
    public record Place(@Nullable URI endpoint, String region, Addressing addressing) {}

    /// How the bucket is named in a request.
    public enum Addressing {
        /// `http://host/bucket/key`: what most stores other than AWS want.
        PATH,
        /// `http://bucket.host/key`.
        VIRTUAL_HOST
    }

    /// When a request carries a checksum besides its signature.
    public enum Checksums {
        /// Whenever the operation can have one; some stores refuse that.
        WHEN_SUPPORTED,
        /// Only where the operation asks for one.
        WHEN_REQUIRED
    }

    /// A pair of keys. The secret never shows in text.
    ///
    /// @param accessKey names the account
    /// @param secretKey signs the requests
    public record Credentials(String accessKey, String secretKey) {
        @Override
        public String toString() {
            return "Credentials[" + accessKey + ", ***]";
        }
    }

    /// How long a call may take.
    ///
    /// @param connect until a connection is there
    /// @param attempt one try of a call, its upload or download included
    /// @param call a call with all its tries
    public record Timeouts(Duration connect, Duration attempt, Duration call) {
        /// Two seconds, one minute, two minutes.
        public static final Timeouts DEFAULT =
                new Timeouts(Duration.ofSeconds(2), Duration.ofMinutes(1), Duration.ofMinutes(2));
    }
}
