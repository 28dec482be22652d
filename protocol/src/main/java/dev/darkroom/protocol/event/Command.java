package dev.darkroom.protocol.event;

import dev.darkroom.protocol.job.JobId;

/// An order to the fleet.
public sealed interface Command {
    /// Ends a job wherever it is.
    ///
    /// @param job which
    /// @param reason for a person; repeated in the `cancelled` event
    record Cancel(JobId job, String reason) implements Command {}
}
