package dev.darkroom.protocol.client;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The events that one reader of a job has not taken yet. A reader that lags loses old progress,
/// never a lifecycle event, so that what waits is bounded. Usable from any thread.
final class EventQueue {
    /// Progress events that wait at most.
    static final int MOST_PROGRESS = 64;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final Deque<JobEvent> waiting = new ArrayDeque<>();
    private int progressWaiting;
    private boolean ended;
    private @Nullable DarkroomClientException broken;

    /// Puts an event at the end.
    void put(JobEvent event) {
        lock.lock();
        try {
            if (event instanceof Progress && ++progressWaiting > MOST_PROGRESS) {
                dropOldestProgress();
            }
            waiting.add(event);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Ends the queue: the reader takes what waits, then gets this error.
    void fail(DarkroomClientException error) {
        lock.lock();
        try {
            if (broken == null) {
                broken = error;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The next event, waited for; empty after the terminal event.
    ///
    /// @throws DarkroomClientException when the client was closed or failed, or the thread was
    ///   interrupted
    Optional<JobEvent> take() {
        lock.lock();
        try {
            while (waiting.isEmpty() && !ended) {
                if (broken != null) {
                    throw broken;
                }
                changed.await();
            }
            if (ended) {
                return Optional.empty();
            }
            JobEvent event = waiting.remove();
            if (event instanceof Progress) {
                progressWaiting--;
            }
            ended = event instanceof Terminal;
            return Optional.of(event);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DarkroomClientException("interrupted while waiting for an event", e);
        } finally {
            lock.unlock();
        }
    }

    private void dropOldestProgress() {
        for (JobEvent event : waiting) {
            if (event instanceof Progress) {
                waiting.remove(event);
                progressWaiting--;
                return;
            }
        }
    }
}
