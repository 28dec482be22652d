package dev.darkroom.ops.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.darkroom.ops.topics.Layout;
import dev.darkroom.ops.topics.TopicAdmin;
import dev.darkroom.ops.topics.TopicReport;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Creates a lane's topics and sets its share group's configuration; what is there already is
/// compared and left alone.
@Command(
        name = "create",
        description = {
            "Creates a lane's topics and sets its share group's configuration. What is there already"
                    + " is compared and left alone: any difference is reported and ends in exit"
                    + " status 1."
        })
final class TopicsCreateCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private final KafkaOptions kafka = new KafkaOptions();

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description = "Partitions of the job and event topics. Default: ${DEFAULT-VALUE}")
    private int partitions = Layout.DEFAULT.partitions();

    @Option(
            names = "--replication",
            paramLabel = "N",
            description = "Copies of every topic; -1: as the brokers are configured. Default: -1")
    private int replication = Layout.DEFAULT.replication();

    @Option(
            names = "--lock-seconds",
            paramLabel = "S",
            description =
                    "How long a worker that went silent keeps its job. Default: ${DEFAULT-VALUE}")
    private long lockSeconds = Layout.DEFAULT.lock().toSeconds();

    @Mixin private final FormOption form = new FormOption();

    TopicsCreateCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.logNothing();
        kafka.requireBroker();
        try (TopicAdmin admin = TopicAdmin.connect(kafka.client())) {
            TopicReport report = admin.create(kafka.topics(), layout());
            print(report);
            return (report.differs() ? Exit.FAILED : Exit.DONE).code();
        }
    }

    private Layout layout() {
        try {
            return new Layout(partitions, replication, Duration.ofSeconds(lockSeconds));
        } catch (IllegalArgumentException e) {
            throw CommandException.usage(e);
        }
    }

    private void print(TopicReport report) {
        PrintStream out = session.console().out();
        if (form.json()) {
            ArrayNode lines = JsonNodeFactory.instance.arrayNode();
            report.lines()
                    .forEach(line ->
                            lines.addObject()
                                    .put("subject", line.subject())
                                    .put("status", word(line.status()))
                                    .put("detail", line.detail()));
            out.println(lines.toPrettyString());
        } else {
            report.lines()
                    .forEach(line ->
                            out.println(
                                    word(line.status())
                                            + "\t"
                                            + line.subject()
                                            + ": "
                                            + line.detail()));
        }
    }

    private static String word(TopicReport.Status status) {
        return status.name().toLowerCase(Locale.ROOT);
    }
}
