package dev.darkroom.ops.cli;

import dev.darkroom.protocol.client.DarkroomClientException;
import dev.darkroom.protocol.client.JobHandle;
import dev.darkroom.protocol.event.JobEvent;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// One job on its way, in front of the user.
final class Following {
    /// After so long without any event the user is told what that may mean.
    private static final Duration SILENCE = Duration.ofSeconds(5);

    private final JobHandle job;
    private final EventView view;

    // Set by the timer's thread.
    private volatile boolean late;

    // Owned by the thread that shows.
    private boolean heardOf;

    private Following(JobHandle job, EventView view) {
        this.job = job;
        this.view = view;
    }

    /// Shows every event of a job until its end.
    ///
    /// @param notes where it is said that nothing happens
    /// @return the end
    static JobEvent.Terminal toTheEnd(JobHandle job, EventView view, PrintStream notes) {
        return toTheEnd(job, view, notes, Optional.empty());
    }

    /// Shows every event of a job until its end, or until `longest` has passed.
    ///
    /// @param notes where it is said that nothing happens
    /// @return the end
    /// @throws CommandException when the time has passed before
    static JobEvent.Terminal toTheEnd(
            JobHandle job, EventView view, PrintStream notes, Optional<Duration> longest) {
        Following following = new Following(job, view);
        try (ScheduledExecutorService timer =
                Executors.newSingleThreadScheduledExecutor(
                        Thread.ofPlatform().daemon().name("follow-timer").factory())) {
            try {
                if (longest.isPresent()) {
                    ScheduledFuture<?> _ =
                            timer.schedule(
                                    following::giveUp,
                                    longest.get().toNanos(),
                                    TimeUnit.NANOSECONDS);
                }
                return following.show(
                        timer.schedule(
                                () -> notes.println(following.silence()),
                                SILENCE.toNanos(),
                                TimeUnit.NANOSECONDS));
            } catch (DarkroomClientException e) {
                if (following.late) {
                    throw new CommandException(
                            Exit.ENVIRONMENT,
                            following.unfinished(longest.orElse(Duration.ZERO)),
                            e);
                }
                throw e;
            } finally {
                timer.shutdownNow();
            }
        }
    }

    /// What a script makes of an end.
    static Exit exit(JobEvent.Terminal end) {
        return switch (end) {
            case JobEvent.Completed _ -> Exit.DONE;
            case JobEvent.Failed _, JobEvent.Cancelled _ -> Exit.FAILED;
        };
    }

    private JobEvent.Terminal show(ScheduledFuture<?> silence) {
        try (Stream<JobEvent> events = job.events()) {
            for (Iterator<JobEvent> each = events.iterator(); each.hasNext(); ) {
                JobEvent event = each.next();
                silence.cancel(false);
                heardOf = true;
                view.show(event);
                if (event instanceof JobEvent.Terminal end) {
                    return end;
                }
            }
        }
        throw new CommandException(
                Exit.ENVIRONMENT, "the events of the job ended before the job did");
    }

    private void giveUp() {
        late = true;
        job.close();
    }

    private String unfinished(Duration longest) {
        String within = " within " + longest.toSeconds() + " s";
        return heardOf
                ? "job " + job.id() + " has not ended" + within + "; it goes on"
                : "nothing was heard of job "
                        + job.id()
                        + within
                        + "; it waits for a free worker, or nobody submitted it";
    }

    private String silence() {
        return "Nothing is heard of job "
                + job.id()
                + " yet: it waits for a free worker, or nobody submitted it. Ctrl-C stops following.";
    }
}
