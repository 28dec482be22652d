package dev.darkroom.worker.job;

import dev.darkroom.protocol.event.Command.Cancel;
import dev.darkroom.protocol.job.JobId;
import java.util.function.Consumer;

/// The cancel commands of the fleet. Safe for any thread.
public interface CancelOrders {
    /// Calls `action` once when the job is cancelled, at once if it is already.
    ///
    /// @return ends the watch
    Watch watch(JobId job, Consumer<Cancel> action);

    /// A watch for one job's cancellation.
    interface Watch extends AutoCloseable {
        /// Ends it.
        @Override
        void close();
    }
}
