package dev.darkroom.worker.device;

import dev.darkroom.protocol.job.JobId;

/// A job's place at the device. Two seats of one job id are two seats.
final class Seat {
    private final JobId job;

    // Guarded by the lane's lock.
    private boolean stopped;
    private long deviceNanos;

    /// A seat that was not stopped.
    Seat(JobId job) {
        this.job = job;
    }

    /// Whose it is.
    JobId job() {
        return job;
    }

    /// Whether no row of it may enter a run any more.
    boolean stopped() {
        return stopped;
    }

    /// From now on no row of it enters a run.
    void stop() {
        stopped = true;
    }

    /// The job's share of all runs so far.
    long deviceNanos() {
        return deviceNanos;
    }

    /// Adds to the share.
    void charge(long nanos) {
        deviceNanos += nanos;
    }
}
