package dev.darkroom.ops.cli;

import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.job.JobId;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Shows what happens to one job until its end, or to all jobs from now on.
@Command(
        name = "follow",
        description =
                "Shows what happens to a job, from its beginning to its end; or, without a job, to"
                        + " all jobs from now until Ctrl-C.")
final class FollowCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "JOB", arity = "0..1", description = "The job's id.")
    private @Nullable String id;

    @Mixin private final TimeoutOption timeout = new TimeoutOption();

    @Mixin private final FormOption form = new FormOption();

    @Mixin private final KafkaOptions kafka = new KafkaOptions();

    FollowCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.logNothing();
        if (id == null) {
            if (timeout.longest().isPresent()) {
                throw new CommandException(
                        Exit.USAGE, "--timeout is for one job; name it, or leave the option out");
            }
            kafka.requireTopics();
            try (AllEvents events = AllEvents.fromNow(kafka.client(), kafka.topics())) {
                events.show(form.viewOfAll(session.console()));
            }
            return Exit.DONE.code();
        }
        JobId job = KafkaOptions.jobId(id);
        kafka.requireTopics();
        try (DarkroomClient client = kafka.connect()) {
            EventView view = form.view(session.console());
            return Following.exit(
                            Following.toTheEnd(
                                    client.follow(job),
                                    view,
                                    session.console().err(),
                                    timeout.longest()))
                    .code();
        }
    }
}
