package dev.darkroom.ops.cli;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;

/// Reads and writes objects by their `s3://` addresses.
final class StoreClient implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("s3://([A-Za-z0-9._-]+)/(.+)");

    private final S3Client client;
    private final Store store;

    private StoreClient(S3Client client, Store store) {
        this.client = client;
        this.store = store;
    }

    /// Where a store is.
    ///
    /// @param endpoint its address; absent: AWS
    /// @param region the signing region
    /// @param keys absent: the AWS SDK's own chain
    record Store(@Nullable URI endpoint, String region, @Nullable Keys keys) {
        @Override
        public String toString() {
            return endpoint == null ? "AWS, region " + region : endpoint.toString();
        }
    }

    /// A key pair.
    ///
    /// @param access the public half
    /// @param secret the secret half
    record Keys(String access, String secret) {
        @Override
        public String toString() {
            return "Keys[" + access + "]";
        }
    }

    /// Connects when the first object is asked for.
    static StoreClient open(Store store) {
        S3ClientBuilder builder =
                S3Client.builder()
                        .region(Region.of(store.region()))
                        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        URI endpoint = store.endpoint();
        if (endpoint != null) {
            builder.endpointOverride(endpoint).forcePathStyle(true);
        }
        Keys keys = store.keys();
        if (keys != null) {
            builder.credentialsProvider(
                    StaticCredentialsProvider.create(
                            AwsBasicCredentials.create(keys.access(), keys.secret())));
        }
        return new StoreClient(builder.build(), store);
    }

    /// The object's content.
    ///
    /// @throws CommandException when there is no such object or the store does not answer
    byte[] read(String uri) {
        Address from = Address.of(uri);
        try {
            return client.getObjectAsBytes(get -> get.bucket(from.bucket()).key(from.key()))
                    .asByteArray();
        } catch (NoSuchKeyException | NoSuchBucketException e) {
            throw new CommandException(
                    Exit.FAILED, "there is no object " + uri + " at " + store, e);
        } catch (SdkException e) {
            throw unable("give " + uri, e);
        }
    }

    /// Writes an object, or the same once more.
    ///
    /// @throws CommandException when there is no such bucket or the store does not answer
    void write(String uri, byte[] content, String mediaType) {
        Address to = Address.of(uri);
        try {
            client.putObject(
                    put -> put.bucket(to.bucket()).key(to.key()).contentType(mediaType),
                    RequestBody.fromBytes(content));
        } catch (NoSuchBucketException e) {
            throw new CommandException(
                    Exit.FAILED, "there is no bucket " + to.bucket() + " at " + store, e);
        } catch (SdkException e) {
            throw unable("take " + uri, e);
        }
    }

    private CommandException unable(String what, SdkException cause) {
        return new CommandException(
                Exit.ENVIRONMENT,
                "the object store at " + store + " does not " + what + ": " + cause.getMessage(),
                cause);
    }

    /// An object's place.
    private record Address(String bucket, String key) {
        static Address of(String uri) {
            Matcher address = ADDRESS.matcher(uri);
            if (!address.matches()) {
                throw new CommandException(
                        Exit.USAGE, "the address is '" + uri + "'; legal: s3://bucket/key");
            }
            return new Address(address.group(1), address.group(2));
        }
    }

    @Override
    public void close() {
        client.close();
    }

    /// Whether the store is on this machine.
    static boolean isLocal(URI endpoint) {
        try {
            return InetAddress.getByName(endpoint.getHost()).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }
}
