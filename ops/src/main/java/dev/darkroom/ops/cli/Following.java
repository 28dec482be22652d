package dev.darkroom.ops.cli;

import dev.darkroom.protocol.client.JobHandle;
import dev.darkroom.protocol.event.JobEvent;
import java.util.Iterator;
import java.util.stream.Stream;

/// One job on its way, in front of the user.
final class Following {
    private Following() {}

    /// Shows every event of a job until its end.
    ///
    /// @return the end
    static JobEvent.Terminal toTheEnd(JobHandle job, EventView view) {
        try (Stream<JobEvent> events = job.events()) {
            for (Iterator<JobEvent> each = events.iterator(); each.hasNext(); ) {
                JobEvent event = each.next();
                view.show(event);
                if (event instanceof JobEvent.Terminal end) {
                    return end;
                }
            }
        }
        throw new CommandException(
                Exit.ENVIRONMENT, "the events of the job ended before the job did");
    }

    /// What a script makes of an end.
    static Exit exit(JobEvent.Terminal end) {
        return switch (end) {
            case JobEvent.Completed _ -> Exit.DONE;
            case JobEvent.Failed _, JobEvent.Cancelled _ -> Exit.FAILED;
        };
    }
}
