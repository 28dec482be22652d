package dev.darkroom.worker.job;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.Stage;
import java.time.Duration;

/// Hears what happens to jobs, for metrics. Safe for any thread; must be quick, and must not throw.
public interface JobObserver {
    /// A job has ended and this worker made its outcome.
    void ended(JobEvent.Terminal terminal);

    /// A job that had ended before was delivered again, and its outcome repeated.
    void repeated();

    /// The same id was submitted with another body.
    void contradicted();

    /// A job was in a stage for this long.
    void stageTook(Stage stage, Duration time);

    /// A step of a job's sampler took this long, waits for the device included.
    void stepTook(Duration time);

    /// A progress event could not be made.
    void progressFailed();

    /// A job left this worker without an outcome: its lock was lost, or the worker drained.
    void abandoned();

    /// A record was set aside without an outcome: this worker cannot read the job, or what is
    /// stored as its outcome, or cannot tell of it.
    void setAside();
}
