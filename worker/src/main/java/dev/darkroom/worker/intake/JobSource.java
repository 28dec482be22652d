package dev.darkroom.worker.intake;

import java.util.Optional;

/// One job slot's way to the queue: a share consumer of its own.
public interface JobSource extends AutoCloseable {
    /// Waits for the next record and locks it. The slot must have settled the one before.
    ///
    /// @return the lease, or nothing once [#stop] was called
    Optional<Lease> take() throws InterruptedException;

    /// Takes no more records; a lease that is held stays renewed until it is settled. Without one,
    /// whoever waits in [#take] is turned away when nothing can be delivered to this slot any more.
    /// From any thread.
    void stop();

    /// Leaves the group. A lease that is still held is released by the broker.
    @Override
    void close();
}
