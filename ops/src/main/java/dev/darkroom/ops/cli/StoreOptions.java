package dev.darkroom.ops.cli;

import dev.darkroom.ops.local.LocalS3;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How to reach the object store: options of the commands that read or write objects. Keys come
/// from the environment alone, so that they show in no list of processes.
final class StoreOptions {
    /// Where `darkroom local` serves S3 unless told otherwise.
    static final int LOCAL_PORT = 9000;

    @Option(
            names = "--s3-endpoint",
            paramLabel = "URL",
            defaultValue = "${env:DARKROOM_S3_ENDPOINT:-http://127.0.0.1:" + LOCAL_PORT + "}",
            description =
                    "S3's address (DARKROOM_S3_ENDPOINT); '' means AWS. Keys:"
                            + " DARKROOM_S3_ACCESS_KEY and DARKROOM_S3_SECRET_KEY; without them,"
                            + " those of 'darkroom local' for an address on this machine, else the"
                            + " AWS SDK's own chain. Now: ${DEFAULT-VALUE}")
    private String endpoint = "";

    @Option(
            names = "--s3-region",
            paramLabel = "REGION",
            defaultValue = "${env:DARKROOM_S3_REGION:-" + LocalS3.REGION + "}",
            description = "The region (DARKROOM_S3_REGION). Now: ${DEFAULT-VALUE}")
    private String region = "";

    /// A client of the store, for its caller to close.
    StoreClient open() {
        URI address = endpoint.isEmpty() ? null : address();
        return StoreClient.open(new StoreClient.Store(address, region, keys(address)));
    }

    private static StoreClient.@Nullable Keys keys(@Nullable URI address) {
        String access = System.getenv("DARKROOM_S3_ACCESS_KEY");
        String secret = System.getenv("DARKROOM_S3_SECRET_KEY");
        if (access != null && secret != null) {
            return new StoreClient.Keys(access, secret);
        }
        if (access != null || secret != null) {
            throw new CommandException(
                    Exit.USAGE,
                    "of DARKROOM_S3_ACCESS_KEY and DARKROOM_S3_SECRET_KEY only one is set;"
                            + " legal: both or none");
        }
        return address != null && StoreClient.isLocal(address)
                ? new StoreClient.Keys(LocalS3.ACCESS_KEY, LocalS3.SECRET_KEY)
                : null;
    }

    private URI address() {
        try {
            URI address = URI.create(endpoint);
            if (address.getHost() != null) {
                return address;
            }
        } catch (IllegalArgumentException _) {
            // The message below says what an address may look like.
        }
        throw new CommandException(
                Exit.USAGE,
                "--s3-endpoint is '" + endpoint + "'; legal: for example http://127.0.0.1:9000");
    }
}
