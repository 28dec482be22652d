package dev.darkroom.worker.storage;

import java.util.Optional;

/// Reads objects of any bucket that the worker's credentials open. Safe for any thread; calls block
/// and are meant for virtual threads.
@FunctionalInterface
public interface ObjectReader {
    /// The object's content, or nothing when there is no such object.
    ///
    /// @param most bytes that are read at most
    /// @throws BodyTooLargeException when it is longer
    /// @throws StoreUnavailableException when the store cannot be reached or answers with an error
    ///   of its own
    /// @throws StoreRefusedException when it refuses the request: no such bucket, access denied
    Optional<byte[]> read(String bucket, String key, int most);
}
