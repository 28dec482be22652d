package dev.darkroom.worker.device;

import dev.darkroom.protocol.failure.Failure;

/// How an evaluation ended.
sealed interface Ending {
    /// All rows are in the evaluation's outputs.
    record Delivered() implements Ending {}

    /// The job was stopped.
    record Stopped() implements Ending {}

    /// The device, or the graph, refused it.
    ///
    /// @param failure for the job's outcome
    /// @param cause what was thrown
    record Failed(Failure failure, Throwable cause) implements Ending {}
}
