package dev.darkroom.worker.job;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// Calls back at points in time, on one thread of its own. Safe for any thread.
public final class Alarms implements AutoCloseable {
    private final Clock clock;
    private final ScheduledThreadPoolExecutor timer;

    /// Alarms by this clock.
    public Alarms(Clock clock) {
        this.clock = clock;
        this.timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("alarms").factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    /// Calls `action` at `when`, at once if that is past. The action must be quick.
    public Alarm at(Instant when, Runnable action) {
        Duration delay = Duration.between(clock.instant(), when);
        // About 292 years fit into the nanoseconds of a long.
        long nanos =
                delay.isNegative()
                        ? 0
                        : delay.toDays() > 100_000 ? Long.MAX_VALUE / 2 : delay.toNanos();
        Future<?> task = timer.schedule(action, nanos, TimeUnit.NANOSECONDS);
        return () -> task.cancel(false);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /// A call that is still to come.
    public interface Alarm extends AutoCloseable {
        /// Lets it not come.
        @Override
        void close();
    }
}
