package dev.darkroom.worker.intake;

import java.time.Duration;

/// Hears what the queue does, for metrics. Called on lease threads: must be quick, and must not
/// throw.
public interface IntakeListener {
    /// A record was locked and is being handed over.
    ///
    /// @param queueWait time since the record was written
    /// @param deliveryCount how often the broker has delivered it, from 1
    void taken(Duration queueWait, int deliveryCount);

    /// A lock was renewed.
    void renewed();

    /// A lock was lost while its job was in hand: not given back, which is no loss.
    void lost();

    /// A record was settled for good.
    void accepted();

    /// One that ignores everything.
    static IntakeListener none() {
        return new IntakeListener() {
            @Override
            public void taken(Duration queueWait, int deliveryCount) {}

            @Override
            public void renewed() {}

            @Override
            public void lost() {}

            @Override
            public void accepted() {}
        };
    }
}
