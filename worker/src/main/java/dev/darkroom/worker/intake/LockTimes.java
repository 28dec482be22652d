package dev.darkroom.worker.intake;

import java.time.Duration;

/// When a record's lock must be renewed, and when it is gone: arithmetic over [System#nanoTime()]
/// values.
///
/// A third of the lock is left for the renewal that is due, and another third for the broker to be
/// slow in.
///
/// @param duration how long the broker keeps a lock that is not renewed
/// @param confirmedNanos when the request was sent that the broker granted or renewed the lock for,
///   so that we never believe in a lock longer than the broker does
record LockTimes(Duration duration, long confirmedNanos) {
    /// Time left until the lock should be renewed; zero when that is due.
    Duration untilRenewal(long nowNanos) {
        return left(duration.dividedBy(3), nowNanos);
    }

    /// Time left until the broker gives the record to somebody else; zero when it may have.
    Duration untilExpiry(long nowNanos) {
        return left(duration, nowNanos);
    }

    /// The same lock, renewed by a request that was sent at `nowNanos`.
    LockTimes renewed(long nowNanos) {
        return new LockTimes(duration, nowNanos);
    }

    private Duration left(Duration span, long nowNanos) {
        Duration left = span.minusNanos(nowNanos - confirmedNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
