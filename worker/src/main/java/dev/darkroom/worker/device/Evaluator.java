package dev.darkroom.worker.device;

/// A job's access to the device.
public interface Evaluator {
    /// Computes all rows of the evaluation, in runs shared with other jobs, and parks the calling
    /// virtual thread until they are there.
    ///
    /// @throws StoppedException when the job was stopped meanwhile; its rows are in no later run
    /// @throws dev.darkroom.protocol.failure.FailureException `OUT_OF_MEMORY` when even a single
    ///   row does not fit, `DEVICE_LOST`, or `BUG` when the graph refuses the rows
    void evaluate(Evaluation evaluation);
}
