package dev.darkroom.worker.storage;

import java.util.Map;
import java.util.Optional;

/// A bucket. Safe for any thread; calls block and are meant for virtual threads.
///
/// Every call throws [StoreUnavailableException] when the store cannot be reached or answers with
/// an error of its own after the client's retries, and [StoreRefusedException] when it refuses the
/// request for good (no such bucket, access denied).
public interface ObjectStore extends AutoCloseable {
    /// The bucket's name.
    String bucket();

    /// The object's content, or nothing when there is no such object.
    Optional<byte[]> get(String key);

    /// Writes an object, replacing any other.
    ///
    /// @param metadata user metadata, keys in lower case
    void put(String key, byte[] content, String mediaType, Map<String, String> metadata);

    /// Writes an object only if there is none of that key (`If-None-Match: *`).
    ///
    /// @return whether this call created it
    boolean putIfAbsent(String key, byte[] content, String mediaType);

    /// Removes an object; nothing happens when there is none.
    void delete(String key);

    @Override
    void close();
}
