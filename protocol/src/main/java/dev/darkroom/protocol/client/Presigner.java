package dev.darkroom.protocol.client;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Signs links to objects, which then need no credentials: AWS Signature Version 4 in query
/// parameters (Amazon S3 API Reference, "Authenticating Requests: Using Query Parameters").
///
/// @param access the store and the key to sign with
record Presigner(S3Access access) {
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    /// A link with which anybody may get an object.
    ///
    /// @param path of the object at the endpoint, as it is before any encoding, with a leading `/`
    /// @param now from when the link is good
    /// @param life how long it is good
    URI get(String path, Instant now, Duration life) {
        String time = TIME.format(now);
        String day = time.substring(0, 8);
        String scope = day + "/" + access.region() + "/s3/aws4_request";
        Map<String, String> query = new TreeMap<>();
        query.put("X-Amz-Algorithm", ALGORITHM);
        query.put("X-Amz-Credential", access.accessKey() + "/" + scope);
        query.put("X-Amz-Date", time);
        query.put("X-Amz-Expires", Long.toString(life.toSeconds()));
        query.put("X-Amz-SignedHeaders", "host");
        String queryText =
                query.entrySet().stream()
                        .map(e -> encode(e.getKey(), "") + "=" + encode(e.getValue(), ""))
                        .collect(Collectors.joining("&"));
        String encodedPath = encode(path, "/");
        String host = access.endpoint().getRawAuthority();

        String request =
                String.join(
                        "\n",
                        "GET",
                        encodedPath,
                        queryText,
                        "host:" + host,
                        "",
                        "host",
                        "UNSIGNED-PAYLOAD");
        String toSign = String.join("\n", ALGORITHM, time, scope, hex(sha256(request)));
        byte[] dayKey = hmac(("AWS4" + access.secretKey()).getBytes(StandardCharsets.UTF_8), day);
        byte[] key = hmac(hmac(hmac(dayKey, access.region()), "s3"), "aws4_request");
        return URI.create(
                access.endpoint().getScheme()
                        + "://"
                        + host
                        + encodedPath
                        + "?"
                        + queryText
                        + "&X-Amz-Signature="
                        + hex(hmac(key, toSign)));
    }

    /// Percent-encodes every byte but letters, digits, `- . _ ~` and those of `also`.
    private static String encode(String text, String also) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            boolean letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
            boolean plain = letter || (c >= '0' && c <= '9') || "-._~".indexOf(c) >= 0;
            if (plain || also.indexOf(c) >= 0) {
                encoded.append(c);
            } else {
                encoded.append('%').append(HexFormat.of().withUpperCase().toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HmacSHA256", e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
