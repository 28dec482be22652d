package dev.darkroom.worker.job;

import dev.darkroom.protocol.event.Stage;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Measures how long a job stays in each stage. Owned by the job's thread.
public final class StageClock {
    private final LongSupplier nanoTime;
    private final Map<Stage, Duration> times = new EnumMap<>(Stage.class);
    private @Nullable Stage current;
    private long since;

    /// A clock over a source of nanoseconds, such as [System#nanoTime].
    public StageClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// The job enters this stage, and leaves the one before.
    public void enter(Stage stage) {
        leave();
        current = stage;
        since = nanoTime.getAsLong();
    }

    /// The job leaves its stage.
    public void leave() {
        if (current != null) {
            times.merge(current, Duration.ofNanos(nanoTime.getAsLong() - since), Duration::plus);
            current = null;
        }
    }

    /// Time of each stage that was entered and left.
    public Map<Stage, Duration> times() {
        return Map.copyOf(times);
    }
}
