package dev.darkroom.ops;

import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.device.LaneObserver;
import dev.darkroom.worker.device.RunRecord;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/// Every run of a device, kept.
final class RunRecords implements LaneObserver {
    private final List<RunRecord> runs = new CopyOnWriteArrayList<>();

    @Override
    public synchronized void ran(RunRecord run) {
        runs.add(run);
        notifyAll();
    }

    @Override
    public void stalled(Duration time) {}

    @Override
    public void lost(Throwable cause) {
        throw new AssertionError("the device is lost", cause);
    }

    /// All runs, in order.
    List<RunRecord> all() {
        return List.copyOf(runs);
    }

    /// All runs of this graph, in order.
    List<RunRecord> of(String graph) {
        return runs.stream().filter(run -> run.graph().equals(graph)).toList();
    }

    /// All runs that hold a row of this job, in order.
    List<RunRecord> with(JobId job) {
        return runs.stream().filter(run -> run.rows().jobs().contains(job)).toList();
    }

    /// Waits until there is a run of this kind.
    synchronized void await(Predicate<RunRecord> wanted) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (runs.stream().noneMatch(wanted)) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                throw new AssertionError("no such run in a minute");
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }
}
