package dev.darkroom.worker.intake;

import java.util.concurrent.CountDownLatch;

/// The end of a thread, for whoever closes what the thread serves. Safe for any thread.
final class ThreadEnd {
    private final CountDownLatch reached = new CountDownLatch(1);

    /// The thread has ended, or is about to do nothing more.
    void reach() {
        reached.countDown();
    }

    /// Whether it has.
    boolean isReached() {
        return reached.getCount() == 0;
    }

    /// Waits for it, interrupted or not; an interrupt is kept for the caller.
    void await() {
        boolean interrupted = false;
        while (true) {
            try {
                reached.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
