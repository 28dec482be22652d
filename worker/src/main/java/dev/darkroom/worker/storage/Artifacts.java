package dev.darkroom.worker.storage;

import dev.darkroom.protocol.codec.MalformedMessageException;
import dev.darkroom.protocol.codec.ManifestCodec;
import dev.darkroom.protocol.event.Artifact.StoredObject;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.job.JobId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What a fleet keeps in its bucket: outputs, and the manifest that makes an outcome the outcome.
/// Safe for any thread; every call may throw what [ObjectStore] throws.
///
/// | object | key |
/// |---|---|
/// | manifest | `<root><job id>/manifest.json` |
/// | output | `<root><job's prefix><job id>/<run>/output-<i>.<extension>` |
///
/// The root is the fleet's, one for all of its jobs. A submitter's own prefix moves outputs only:
/// the manifest's key follows from the id alone, so that the same id submitted twice with different
/// prefixes, or in a record that cannot be decoded, still has one manifest, and one outcome.
public final class Artifacts {
    private static final String JSON = "application/json";

    private final ObjectStore store;
    private final String root;

    /// Artifacts in a bucket.
    ///
    /// @param root put before every key; empty, or ending in `/`
    public Artifacts(ObjectStore store, String root) {
        if (!root.isEmpty() && (!root.endsWith("/") || root.startsWith("/"))) {
            throw new IllegalArgumentException(
                    "storage root is '"
                            + root
                            + "'; legal: empty, or ending in / and not beginning with it");
        }
        this.store = store;
        this.root = root;
    }

    /// Address of a job's manifest, whether or not it exists yet.
    public String manifestUri(JobId job) {
        return uri(manifestKey(job));
    }

    /// The committed outcome of a job, or nothing while it has none.
    ///
    /// @throws UnreadableManifestException when there is an object that is no manifest known here
    public Optional<Manifest> manifest(JobId job) {
        return store.get(manifestKey(job)).map(bytes -> decode(job, bytes));
    }

    /// Makes an outcome the job's one outcome, unless it has one already.
    ///
    /// @return the outcome that counts: `manifest`, or the one that was there first
    /// @throws UnreadableManifestException when what was there first is no manifest known here
    public Manifest commit(JobId job, Manifest manifest) {
        String key = manifestKey(job);
        if (store.putIfAbsent(key, ManifestCodec.encode(manifest), JSON)) {
            return manifest;
        }
        // Somebody else was first; or we were, and the client repeated a write whose answer it
        // never saw: then this finds our own.
        return manifest(job)
                .orElseThrow(() ->
                        new StoreUnavailableException(
                                uri(key) + " exists and cannot be found",
                                new IllegalStateException("read after lost write")));
    }

    /// Stores an output.
    ///
    /// @param run which delivery made it
    /// @param name for example `output-0.png`
    /// @param content the encoded output
    /// @param mediaType its MIME type
    /// @param metadata more about it, in ASCII; its digest is added as `sha256`
    public StoredObject store(
            Run run, String name, byte[] content, String mediaType, Map<String, String> metadata) {
        String sha256 = sha256(content);
        Map<String, String> all = new LinkedHashMap<>();
        metadata.forEach((field, value) -> all.put(field, ascii(field, value)));
        all.put("sha256", sha256);
        String key = root + run.prefix() + run.job() + "/" + run.id() + "/" + name;
        store.put(key, content, mediaType, all);
        return new StoredObject(uri(key), mediaType, content.length, sha256);
    }

    private String manifestKey(JobId job) {
        return root + job + "/manifest.json";
    }

    private String uri(String key) {
        return "s3://" + store.bucket() + "/" + key;
    }

    private Manifest decode(JobId job, byte[] bytes) {
        try {
            return ManifestCodec.decode(bytes);
        } catch (MalformedMessageException e) {
            throw new UnreadableManifestException(
                    manifestUri(job)
                            + " stands where the job's outcome belongs and is "
                            + e.getMessage()
                            + ". If a newer worker wrote it, upgrade this one; if no worker did,"
                            + " remove it, and the job's next delivery runs it",
                    e);
        }
    }

    private static String ascii(String field, String value) {
        if (!StandardCharsets.US_ASCII.newEncoder().canEncode(value)
                || value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "metadata " + field + " is '" + value + "'; legal: printable ASCII");
        }
        return value;
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
