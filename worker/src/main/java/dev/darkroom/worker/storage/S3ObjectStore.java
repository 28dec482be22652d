package dev.darkroom.worker.storage;

import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/// A bucket behind the S3 protocol: AWS or any store that speaks it and honours conditional writes,
/// which [#probe] tells.
///
/// The client below retries briefly on its own; waiting for a store that is away longer is up to
/// [Patience].
public final class S3ObjectStore implements ObjectStore, ObjectReader {
    private static final Logger LOG = LoggerFactory.getLogger(S3ObjectStore.class);

    /// Conflicting conditional writes are tried again at once this often.
    private static final int CONFLICT_TRIES = 8;

    private static final int CONNECTIONS = 64;
    private static final int PRECONDITION_FAILED = 412;
    private static final int CONFLICT = 409;
    private static final int NOT_FOUND = 404;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int SERVER_ERROR = 500;
    private static final int NOT_IMPLEMENTED = 501;

    private final S3Settings settings;
    private final S3Client client;

    private S3ObjectStore(S3Settings settings, S3Client client) {
        this.settings = settings;
        this.client = client;
    }

    /// Makes a client; connects when the first call is made.
    public static S3ObjectStore open(S3Settings settings) {
        S3Settings.Timeouts timeouts = settings.timeouts();
        S3ClientBuilder builder =
                S3Client.builder()
                        .httpClientBuilder(
                                Apache5HttpClient.builder()
                                        .connectionTimeout(timeouts.connect())
                                        .socketTimeout(timeouts.attempt())
                                        .maxConnections(CONNECTIONS))
                        .region(Region.of(settings.place().region()))
                        .credentialsProvider(credentials(settings))
                        .forcePathStyle(settings.place().addressing() == S3Settings.Addressing.PATH)
                        .overrideConfiguration(o ->
                                o.apiCallAttemptTimeout(timeouts.attempt())
                                        .apiCallTimeout(timeouts.call()));
        switch (settings.checksums()) {
            case WHEN_SUPPORTED ->
                    builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_SUPPORTED)
                            .responseChecksumValidation(ResponseChecksumValidation.WHEN_SUPPORTED);
            case WHEN_REQUIRED ->
                    builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        }
        URI endpoint = settings.place().endpoint();
        if (endpoint != null) {
            builder.endpointOverride(endpoint);
        }
        return new S3ObjectStore(settings, builder.build());
    }

    @Override
    public String bucket() {
        return settings.bucket();
    }

    @Override
    public Optional<byte[]> get(String key) {
        return call(
                "read " + uri(key),
                () -> {
                    try {
                        return Optional.of(
                                client.getObjectAsBytes(g -> g.bucket(bucket()).key(key))
                                        .asByteArrayUnsafe());
                    } catch (NoSuchKeyException e) {
                        return Optional.empty();
                    }
                });
    }

    @Override
    public Optional<byte[]> read(String bucket, String key, int most) {
        Optional<Supplier<byte[]>> body =
                call(
                        "read s3://" + bucket + "/" + key,
                        () -> {
                            try {
                                return Optional.of(
                                        client.getObject(
                                                GetObjectRequest.builder()
                                                        .bucket(bucket)
                                                        .key(key)
                                                        .build(),
                                                (response, in) -> body(response, in, most)));
                            } catch (NoSuchKeyException e) {
                                return Optional.empty();
                            }
                        });
        return body.map(Supplier::get);
    }

    /// Reads a body within the attempt's timeout; leaves the connection at once when it is too
    /// long. That is told by what is returned, since the client takes everything that is thrown
    /// here for an answer that it cannot read.
    private static Supplier<byte[]> body(
            GetObjectResponse response, AbortableInputStream in, int most) throws IOException {
        Long length = response.contentLength();
        try {
            byte[] content = Body.read(in, length == null ? -1 : length, most);
            return () -> content;
        } catch (BodyTooLargeException e) {
            in.abort();
            return () -> {
                throw e;
            };
        }
    }

    @Override
    public void put(String key, byte[] content, String mediaType, Map<String, String> metadata) {
        call(
                "write " + uri(key),
                () ->
                        client.putObject(
                                request(key, mediaType).metadata(metadata).build(),
                                RequestBody.fromBytes(content)));
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content, String mediaType) {
        PutObjectRequest request = request(key, mediaType).ifNoneMatch("*").build();
        return call(
                "write " + uri(key) + " unless it exists",
                () -> {
                    for (int attempt = 1; ; attempt++) {
                        try {
                            client.putObject(request, RequestBody.fromBytes(content));
                            return true;
                        } catch (S3Exception e) {
                            if (e.statusCode() == PRECONDITION_FAILED) {
                                return false;
                            }
                            if (e.statusCode() != CONFLICT || attempt == CONFLICT_TRIES) {
                                throw e;
                            }
                        }
                    }
                });
    }

    @Override
    public void delete(String key) {
        call("delete " + uri(key), () -> client.deleteObject(d -> d.bucket(bucket()).key(key)));
    }

    /// Looks whether the bucket can do what a worker needs: it exists, may be written to, and
    /// honours conditional writes. Leaves nothing behind.
    ///
    /// @return one message per problem, each with its remedy; empty when all is well
    public List<String> probe() {
        List<String> problems = new ArrayList<>();
        try {
            client.headBucket(h -> h.bucket(bucket()));
            probeWrites(problems);
        } catch (S3Exception e) {
            problems.add(
                    switch (e.statusCode()) {
                        case NOT_FOUND ->
                                "The bucket "
                                        + bucket()
                                        + " does not exist at "
                                        + settings.address()
                                        + ". Create it, or name another.";
                        case FORBIDDEN ->
                                "The credentials may not use the bucket "
                                        + bucket()
                                        + " at "
                                        + settings.address()
                                        + ". Correct the keys, or grant them s3:ListBucket,"
                                        + " s3:GetObject, s3:PutObject and s3:DeleteObject.";
                        default ->
                                "The object store at "
                                        + settings.address()
                                        + " answers for the bucket "
                                        + bucket()
                                        + ": "
                                        + words(e)
                                        + ". Check the endpoint, the region and the addressing.";
                    });
        } catch (SdkClientException e) {
            problems.add(
                    "The object store at "
                            + settings.address()
                            + " cannot be reached: "
                            + e.getMessage()
                            + ". Start it, or correct the endpoint or the credentials.");
        }
        return problems;
    }

    @Override
    public void close() {
        client.close();
    }

    private void probeWrites(List<String> problems) {
        String key = ".darkroom-probe/" + UUID.randomUUID();
        byte[] nothing = new byte[0];
        String type = "application/octet-stream";
        try {
            boolean first = putIfAbsent(key, nothing, type);
            boolean second = putIfAbsent(key, nothing, type);
            if (!first || second) {
                problems.add(conditionalWritesMissing("it created the same object twice"));
            }
        } catch (StoreRefusedException e) {
            if (e.getCause() instanceof S3Exception s3
                    && (s3.statusCode() == NOT_IMPLEMENTED || s3.statusCode() == 400)) {
                problems.add(conditionalWritesMissing(words(s3)));
            } else {
                problems.add(
                        e.getMessage()
                                + ". Grant the credentials s3:PutObject, or choose another"
                                + " bucket.");
            }
            return;
        } catch (StoreUnavailableException e) {
            problems.add(e.getMessage() + ". Look at the store's own log.");
            return;
        }
        try {
            delete(key);
        } catch (StoreRefusedException | StoreUnavailableException e) {
            LOG.warn("The probe object {} stays behind: {}", uri(key), e.getMessage());
        }
    }

    private String conditionalWritesMissing(String how) {
        return "The object store at "
                + settings.address()
                + " does not honour conditional writes (If-None-Match: *): "
                + how
                + ". A job could end twice; use a store that does, such as AWS S3 or S3Proxy.";
    }

    private PutObjectRequest.Builder request(String key, String mediaType) {
        return PutObjectRequest.builder().bucket(bucket()).key(key).contentType(mediaType);
    }

    private String uri(String key) {
        return "s3://" + bucket() + "/" + key;
    }

    private <T> T call(String what, Supplier<T> call) {
        try {
            return call.get();
        } catch (S3Exception e) {
            String message = "Cannot " + what + " at " + settings.address() + ": " + words(e);
            throw mayPass(e.statusCode())
                    ? new StoreUnavailableException(message, e)
                    : new StoreRefusedException(message, e);
        } catch (SdkClientException e) {
            throw new StoreUnavailableException(
                    "Cannot " + what + " at " + settings.address() + ": " + e.getMessage(), e);
        }
    }

    private static boolean mayPass(int status) {
        return (status >= SERVER_ERROR && status != NOT_IMPLEMENTED)
                || status == TOO_MANY_REQUESTS
                || status == REQUEST_TIMEOUT
                || status == CONFLICT;
    }

    private static String words(S3Exception e) {
        if (e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null) {
            return "HTTP " + e.statusCode();
        }
        return e.awsErrorDetails().errorCode()
                + " (HTTP "
                + e.statusCode()
                + ") "
                + e.awsErrorDetails().errorMessage();
    }

    private static AwsCredentialsProvider credentials(S3Settings settings) {
        S3Settings.Credentials keys = settings.credentials();
        return keys == null
                ? DefaultCredentialsProvider.builder().build()
                : StaticCredentialsProvider.create(
                        AwsBasicCredentials.create(keys.accessKey(), keys.secretKey()));
    }
}
