package dev.darkroom.worker.device;

import dev.darkroom.protocol.job.JobId;
import java.util.List;

/// What is told of each run.
///
/// @param graph name of the graph
/// @param shapes names and shapes of the inputs, without the batch axis
/// @param rows who and where each row was
/// @param sizing why it held that many
/// @param outcome how it went
/// @param nanos time on the device
public record RunRecord(
        String graph, String shapes, Rows rows, Sizing sizing, Outcome outcome, long nanos) {
    /// The rows of a run.
    ///
    /// @param jobs each row's job
    /// @param timesteps each row's timestep; empty when the graph has no such input
    public record Rows(List<JobId> jobs, List<Double> timesteps) {
        /// Copies the lists.
        public Rows {
            jobs = List.copyOf(jobs);
            timesteps = List.copyOf(timesteps);
        }

        /// The number of rows.
        public int count() {
            return jobs.size();
        }

        /// The number of different jobs.
        public int distinctJobs() {
            return (int) jobs.stream().distinct().count();
        }
    }

    /// Why a run was as large as it was.
    ///
    /// @param why the reason
    /// @param leftWaiting rows of all keys that waited on when it started
    public record Sizing(Why why, int leftWaiting) {}

    /// Why a run holds as many rows as it does.
    public enum Why {
        /// No more rows waited.
        ALL_WAITING,
        /// More waited, and the cap was reached.
        CAP,
        /// More waited, and the cap was set to learn from.
        TRIAL,
        /// More waited, and would not have fitted into memory.
        MEMORY,
        /// A run that failed is repeated in parts.
        RETRY
    }

    /// How a run went.
    public enum Outcome {
        /// All rows were computed.
        COMPUTED,
        /// Too little memory: the rows run again in halves.
        OUT_OF_MEMORY,
        /// Refused: the rows run again in parts until the one to blame is alone.
        FAILED,
        /// Ended early; rows of jobs that were not stopped run again.
        TERMINATED,
        /// The device is gone.
        LOST
    }
}
