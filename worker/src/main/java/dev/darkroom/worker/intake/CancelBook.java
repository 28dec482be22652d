package dev.darkroom.worker.intake;

import dev.darkroom.protocol.event.Command.Cancel;
import dev.darkroom.protocol.job.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// The cancel commands that still hold, and who waits for one. Bookkeeping only; safe for any
/// thread.
///
/// A command is forgotten when it is as old as the topic keeps it, so that a worker that runs for
/// months holds no more than one that was started today.
final class CancelBook {
    private final Duration retention;

    // Guarded by this. In the order in which they came, so that old ones are in front.
    private final LinkedHashMap<JobId, Entry> entries = new LinkedHashMap<>();
    private final Map<JobId, List<Consumer<Cancel>>> watchers = new HashMap<>();

    CancelBook(Duration retention) {
        this.retention = retention;
    }

    private record Entry(Cancel cancel, Instant at) {}

    /// Notes a command and tells who waits for it, on the calling thread.
    void add(Cancel cancel, Instant at) {
        List<Consumer<Cancel>> waiting;
        synchronized (this) {
            entries.remove(cancel.job());
            entries.put(cancel.job(), new Entry(cancel, at));
            waiting = watchers.remove(cancel.job());
        }
        if (waiting != null) {
            waiting.forEach(watcher -> watcher.accept(cancel));
        }
    }

    /// Forgets a job's command: its record was deleted.
    synchronized void remove(JobId job) {
        entries.remove(job);
    }

    /// Forgets what the topic no longer keeps.
    synchronized void expire(Instant now) {
        Instant oldest = now.minus(retention);
        entries.values().removeIf(entry -> entry.at().isBefore(oldest));
    }

    /// The job's command, if there is one.
    synchronized Optional<Cancel> find(JobId job) {
        return Optional.ofNullable(entries.get(job)).map(Entry::cancel);
    }

    /// Calls `action` once when the job is cancelled; at once, on the calling thread, if it is.
    void watch(JobId job, Consumer<Cancel> action) {
        Optional<Cancel> known;
        synchronized (this) {
            known = find(job);
            if (known.isEmpty()) {
                watchers.computeIfAbsent(job, _ -> new ArrayList<>()).add(action);
            }
        }
        known.ifPresent(action);
    }

    /// Ends a watch; nothing happens when it was told or ended already.
    synchronized void unwatch(JobId job, Consumer<Cancel> action) {
        List<Consumer<Cancel>> waiting = watchers.get(job);
        if (waiting != null) {
            waiting.remove(action);
            if (waiting.isEmpty()) {
                watchers.remove(job);
            }
        }
    }

    /// Commands held.
    synchronized int size() {
        return entries.size();
    }
}
