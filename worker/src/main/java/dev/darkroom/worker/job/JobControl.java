package dev.darkroom.worker.job;

import dev.darkroom.worker.device.StoppedException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A job's stop signal. Anybody may raise it, from any thread; the first reason counts, except that
/// the loss of the record or of the worker overrules a reason that would end the job.
public final class JobControl {
    private final CountDownLatch gone = new CountDownLatch(1);

    // Guarded by this.
    private @Nullable Stop reason;
    private final List<Runnable> actions = new ArrayList<>();

    /// Stops the job, now or as soon as it looks.
    public void stop(Stop why) {
        List<Runnable> due;
        synchronized (this) {
            if (reason == null || (reason.endsTheJob() && !why.endsTheJob())) {
                reason = why;
            }
            due = List.copyOf(actions);
            actions.clear();
        }
        if (!why.endsTheJob()) {
            gone.countDown();
        }
        due.forEach(Runnable::run);
    }

    /// Why the job has to stop, if it has to.
    public synchronized Optional<Stop> reason() {
        return Optional.ofNullable(reason);
    }

    /// Leaves the job's path if it has to stop.
    ///
    /// @param where for the message, for example `before the model`
    /// @throws StoppedException when it has to
    public void check(String where) {
        if (reason().isPresent()) {
            throw new StoppedException(where);
        }
    }

    /// Calls `action` once when the job is stopped, on the thread that stops it; at once if it is
    /// stopped already. The action must be quick and must not throw.
    public void onStop(Runnable action) {
        synchronized (this) {
            if (reason == null) {
                actions.add(action);
                return;
            }
        }
        action.run();
    }

    /// Whether the job's outcome is another worker's to make.
    public boolean gone() {
        return gone.getCount() == 0;
    }

    /// Waits until the job's outcome is another worker's to make.
    ///
    /// @return whether it is, after at most `longest`
    public boolean awaitGone(Duration longest) throws InterruptedException {
        return gone.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    }
}
