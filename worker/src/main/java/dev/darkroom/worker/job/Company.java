package dev.darkroom.worker.job;

import java.util.concurrent.Semaphore;

/// Who may work beside whom: jobs share the worker, but one that is suspected of killing workers
/// runs alone, so that it takes no other job with it. Safe for any thread.
public final class Company {
    private final int places;
    private final Semaphore free;

    /// For at most `places` jobs at a time.
    public Company(int places) {
        this.places = places;
        // Fair: the suspect waits for those before it and holds up those after it, no longer.
        this.free = new Semaphore(places, true);
    }

    /// Waits for a place among others.
    public Stay join() throws InterruptedException {
        return stay(1);
    }

    /// Waits until nobody else is there, and keeps others out.
    public Stay alone() throws InterruptedException {
        return stay(places);
    }

    private Stay stay(int taken) throws InterruptedException {
        free.acquire(taken);
        return () -> free.release(taken);
    }

    /// A place that is taken, until it is closed.
    public interface Stay extends AutoCloseable {
        /// Leaves.
        @Override
        void close();
    }
}
