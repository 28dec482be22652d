package dev.darkroom.ops.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.job.JobId;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Asks the fleet to end a job.
@Command(
        name = "cancel",
        description =
                "Asks the fleet to end a job, wherever it is; one that was not submitted yet will not"
                        + " be run. A job that has ended already stays as it is. Follow the job to see"
                        + " its end.")
final class CancelCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "JOB", description = "The job's id.")
    private String id = "";

    @Option(
            names = "--reason",
            paramLabel = "TEXT",
            description = "Repeated in the job's last event. Default: ${DEFAULT-VALUE}")
    private String reason = "cancelled by its user";

    @Mixin private final FormOption form = new FormOption();

    @Mixin private final KafkaOptions kafka = new KafkaOptions();

    CancelCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.logNothing();
        JobId job = KafkaOptions.jobId(id);
        kafka.requireTopics();
        try (DarkroomClient client = kafka.connect()) {
            client.cancel(job, reason);
        }
        session.console()
                .out()
                .println(
                        form.json()
                                ? JsonNodeFactory.instance
                                        .objectNode()
                                        .put("cancel", job.value())
                                        .put("reason", reason)
                                        .toString()
                                : "asked the fleet to end " + job);
        return Exit.DONE.code();
    }
}
