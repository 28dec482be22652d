package dev.darkroom.worker.intake;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// What other threads ask of a lease thread, the only one that touches the share consumer.
sealed interface LeaseOrder {
    /// Lock a record.
    ///
    /// @param reply the lease, or nothing once the source was stopped; a cancelled reply means that
    ///   nobody wants it any more
    record Take(CompletableFuture<Optional<Lease>> reply) implements LeaseOrder {}

    /// Settle a record.
    ///
    /// @param lease which
    /// @param how for good, or to be had by another worker
    /// @param reply completed when the broker confirmed it; with [LockLostException] when it did
    ///   not
    record Settle(HeldLease lease, Settlement how, CompletableFuture<Void> reply)
            implements LeaseOrder {}

    /// Take no more records.
    record Stop() implements LeaseOrder {}

    /// Leave the group.
    record Close() implements LeaseOrder {}

    /// How a record is settled.
    enum Settlement {
        /// The record is done with.
        ACCEPT,
        /// Another worker may have it at once.
        RELEASE
    }
}
