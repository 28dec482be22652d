package dev.darkroom.ops.local;

import java.io.IOException;
import java.net.BindException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.s3.model.CreateBucketRequest;
import software.amazon.awssdk.services.s3.model.HeadBucketRequest;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;

/// An S3 endpoint inside this process that keeps its objects as files of a folder, one folder per
/// bucket. Listens on loopback only and asks for signed requests.
///
/// Start and stop are for one thread at a time.
public final class LocalS3 implements AutoCloseable {
    /// The region that its clients sign for; any would do.
    public static final String REGION = "us-east-1";

    /// The only access key that it knows.
    public static final String ACCESS_KEY = "darkroom";

    /// The secret that goes with it; no secret outside this machine.
    public static final String SECRET_KEY = "darkroom-local";

    private final Path folder;
    private final BlobStore objects;

    // Owned by the thread that starts and stops the endpoint.
    private int port;
    private @Nullable S3Proxy server;

    private LocalS3(Path folder, BlobStore objects, int port) {
        this.folder = folder;
        this.objects = objects;
        this.port = port;
    }

    /// Starts an endpoint on a free port.
    ///
    /// @param folder where the objects are kept; created when it is missing
    /// @throws LocalServiceException when it cannot be started
    public static LocalS3 start(Path folder) {
        return start(folder, 0);
    }

    /// Starts an endpoint on a given port.
    ///
    /// @param folder where the objects are kept; created when it is missing
    /// @param port 0: a free one
    /// @throws LocalServiceException when it cannot be started, for example because the port is in
    ///   use
    public static LocalS3 start(Path folder, int port) {
        Path absolute;
        try {
            absolute = Files.createDirectories(folder).toAbsolutePath();
        } catch (IOException e) {
            throw new LocalServiceException("Cannot create the local store's folder " + folder, e);
        }
        Properties where = new Properties();
        where.setProperty("jclouds.filesystem.basedir", absolute.toString());
        LocalS3 store = new LocalS3(absolute, BlobStores.create("filesystem-nio2", where), port);
        store.start();
        return store;
    }

    /// Where clients connect, `http://127.0.0.1:<port>`; buckets are part of the path.
    public URI endpoint() {
        return URI.create("http://" + Ports.LOOPBACK + ":" + port);
    }

    /// The access key that it knows.
    public String accessKey() {
        return ACCESS_KEY;
    }

    /// The secret that goes with the access key; no secret outside this machine.
    public String secretKey() {
        return SECRET_KEY;
    }

    /// Where the objects are kept: `<folder>/<bucket>/<key>`.
    public Path folder() {
        return folder;
    }

    /// Creates a bucket unless it exists.
    public void createBucket(String name) {
        try {
            objects.headBucket(HeadBucketRequest.builder().bucket(name).build());
        } catch (NoSuchBucketException e) {
            objects.createContainer(CreateBucketRequest.builder().bucket(name).build());
        }
    }

    /// Starts the endpoint again after [#stop], on the same port and with the same objects.
    ///
    /// @throws LocalServiceException when it cannot be started
    public void start() {
        if (server != null) {
            return;
        }
        S3Proxy starting =
                S3Proxy.builder()
                        .blobStore(objects)
                        .endpoint(endpoint())
                        .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
                        .ignoreUnknownHeaders(true)
                        .build();
        try {
            starting.start();
        } catch (Exception e) {
            throw new LocalServiceException(
                    "Cannot start the local S3 endpoint at "
                            + endpoint()
                            + ": "
                            + (e.getCause() instanceof BindException
                                    ? "the port is in use"
                                    : e.getMessage()),
                    e);
        }
        port = starting.getPort();
        server = starting;
    }

    /// Stops the endpoint; its port and objects stay reserved for a later [#start()].
    ///
    /// @throws LocalServiceException when it cannot be stopped
    public void stop() {
        S3Proxy running = server;
        if (running != null) {
            server = null;
            try {
                running.stop();
            } catch (Exception e) {
                throw new LocalServiceException(
                        "Cannot stop the local S3 endpoint at " + endpoint(), e);
            }
        }
    }

    @Override
    public void close() {
        stop();
    }
}
