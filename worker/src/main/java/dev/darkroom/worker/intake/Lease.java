package dev.darkroom.worker.intake;

import org.jspecify.annotations.Nullable;

/// A record that this process holds a lock on, renewed in the background until it is settled.
///
/// One job thread settles it, once. The lock can be lost at any time: the broker restarted, the
/// leader moved, the process was frozen; another worker then has the record.
public interface Lease {
    /// The record's key; absent when it had none.
    @Nullable String key();

    /// The record's value; empty when it had none.
    byte[] value();

    /// Where it came from, for example `darkroom.jobs-3@4711`.
    Origin origin();

    /// How often the broker has delivered it, from 1.
    int deliveryCount();

    /// Whether the lock is known to be lost.
    boolean lost();

    /// Calls `action` once when the lock is found to be lost, on the lease's thread; at once if it
    /// is already.
    void onLost(Runnable action);

    /// The job's outcome is durable: the record is done with.
    ///
    /// @throws LockLostException when the broker no longer accepts it from us: it will be delivered
    ///   again, and the manifest decides
    void accept();

    /// The job was not begun: another worker may have it at once.
    void release();

    /// A record's place.
    ///
    /// @param topic its topic
    /// @param partition its partition
    /// @param offset its offset
    record Origin(String topic, int partition, long offset) {
        @Override
        public String toString() {
            return topic + "-" + partition + "@" + offset;
        }
    }
}
