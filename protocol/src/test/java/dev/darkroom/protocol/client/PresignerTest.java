package dev.darkroom.protocol.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class PresignerTest {
    private static final Instant NOW = Instant.parse("2013-05-24T00:00:00Z");

    // The example of Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters (AWS
    // Signature Version 4)".
    private static final S3Access EXAMPLE =
            new S3Access(
                    URI.create("https://examplebucket.s3.amazonaws.com"),
                    "us-east-1",
                    "AKIAIOSFODNN7EXAMPLE",
                    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");

    @Test
    void signsTheDocumentedExample() {
        URI link = new Presigner(EXAMPLE).get("/test.txt", NOW, Duration.ofDays(1));

        assertThat(link)
                .hasToString(
                        "https://examplebucket.s3.amazonaws.com/test.txt"
                                + "?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1"
                                + "%2Fs3%2Faws4_request"
                                + "&X-Amz-Date=20130524T000000Z"
                                + "&X-Amz-Expires=86400"
                                + "&X-Amz-SignedHeaders=host"
                                + "&X-Amz-Signature="
                                + "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
    }

    @Test
    void keepsThePartsOfAPathAndEncodesTheRest() {
        URI link = new Presigner(EXAMPLE).get("/out/a=1/très bon.png", NOW, Duration.ofHours(1));

        assertThat(link.getRawPath()).isEqualTo("/out/a%3D1/tr%C3%A8s%20bon.png");
    }

    @Test
    void tellsNobodyTheSecret() {
        assertThat(EXAMPLE.toString()).contains("AKIAIOSFODNN7EXAMPLE").doesNotContain("wJalr");
    }
}
