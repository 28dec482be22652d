package dev.darkroom.worker.device;

import java.time.Duration;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Logs one line per run, for those who want to see how rows were batched; for diagnosis, since it
/// is one line per step.
public final class RunLog implements LaneObserver {
    private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);

    /// Logs from the first run on.
    public RunLog() {}

    @Override
    public void ran(RunRecord run) {
        LOG.info("{}", line(run));
    }

    @Override
    public void stalled(Duration time) {
        LOG.info("device stall of {} ms", time.toMillis());
    }

    /// Whoever ends the process logs why.
    @Override
    public void lost(Throwable cause) {}

    /// For example `run emoji/unet rows=4 jobs=2 [a a b b] timesteps=[981.0 981.0 41.0 41.0]
    /// ms=13.20 why=CAP waiting=2 outcome=COMPUTED sample[16, 8, 8] …`, on one line.
    static String line(RunRecord run) {
        return String.format(
                "run %s rows=%d jobs=%d [%s] timesteps=[%s] ms=%.2f why=%s waiting=%d outcome=%s"
                        + " %s",
                run.graph(),
                run.rows().count(),
                run.rows().distinctJobs(),
                run.rows().jobs().stream().map(Object::toString).collect(Collectors.joining(" ")),
                run.rows().timesteps().stream()
                        .map(Object::toString)
                        .collect(Collectors.joining(" ")),
                run.nanos() / 1e6,
                run.sizing().why(),
                run.sizing().leftWaiting(),
                run.outcome(),
                run.shapes());
    }
}
