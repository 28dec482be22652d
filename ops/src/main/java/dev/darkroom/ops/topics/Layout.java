package dev.darkroom.ops.topics;

import java.time.Duration;

/// What an operator chooses about a lane's topics and group.
///
/// @param partitions of the lane's job topics, 1 to 1000. One is right unless the lane has many
///   times more job slots: a share group gives each member only some of the partitions, and jobs of
///   a partition whose members are all busy wait while members of others are idle
/// @param replication copies of every topic; [#BROKER_DEFAULT] leaves it to the broker
/// @param lock how long a worker that went silent keeps its job; a broker allows 15 to 60 s unless
///   configured otherwise
public record Layout(int partitions, int replication, Duration lock) {
    /// As many copies as the broker's `default.replication.factor` says.
    public static final int BROKER_DEFAULT = -1;

    /// One partition, the broker's replication, locks of 30 s.
    public static final Layout DEFAULT = new Layout(1, BROKER_DEFAULT, Duration.ofSeconds(30));

    /// Refuses values that no cluster would take.
    public Layout {
        if (partitions < 1 || partitions > 1000) {
            throw new IllegalArgumentException(
                    "partitions is " + partitions + "; legal: 1 to 1000");
        }
        if (replication != BROKER_DEFAULT && (replication < 1 || replication > 100)) {
            throw new IllegalArgumentException(
                    "replication is " + replication + "; legal: 1 to 100, or -1: as the broker");
        }
        if (lock.compareTo(Duration.ofSeconds(1)) < 0 || lock.compareTo(Duration.ofHours(1)) > 0) {
            throw new IllegalArgumentException("lock is " + lock + "; legal: 1 s to 1 h");
        }
    }

    /// The same with another number of partitions.
    public Layout partitions(int chosen) {
        return new Layout(chosen, replication, lock);
    }

    /// The same with another number of copies.
    public Layout replication(int chosen) {
        return new Layout(partitions, chosen, lock);
    }

    /// The same with another lock duration.
    public Layout lock(Duration chosen) {
        return new Layout(partitions, replication, chosen);
    }
}
