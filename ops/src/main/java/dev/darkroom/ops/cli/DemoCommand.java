package dev.darkroom.ops.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobBuilder;
import dev.darkroom.protocol.job.JobId;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The main job with nothing else running: broker, object store and worker in this process, and a
/// job through them as a backend would send it.
@Command(
        name = "demo",
        description =
                "Makes pictures from a prompt with nothing else running: starts a Kafka broker, an S3"
                        + " endpoint and a worker in this process, sends them a job as a backend would,"
                        + " and brings the pictures.")
final class DemoCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "PROMPT", description = "What the picture shows.")
    private String prompt = "";

    @Mixin private final ImageOptions image = new ImageOptions();

    @Mixin private final GuideOptions guides = new GuideOptions();

    @Mixin private final FormatOptions format = new FormatOptions();

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Where the pictures go. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("darkroom-out");

    @Mixin private final ModelsOptions models = new ModelsOptions();

    @Mixin private final FormOption form = new FormOption();

    DemoCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        InputFiles files = new InputFiles(DemoFleet.BUCKET);
        JobBuilder builder = image.job(prompt).id(name(prompt));
        guides.set(builder, files);
        format.set(builder);
        Job job = builder.build();
        Path log = out.resolve("demo.log");
        WritableFolder.create("--out", out);
        session.logTo(log);
        say("Starting Kafka, S3 and a worker in this process …");
        DemoFleet fleet = DemoFleet.start(session.closing(), models.folder());
        try (DarkroomClient client = DarkroomClient.connect(fleet.bootstrap());
                StoreClient store = StoreClient.open(fleet.store())) {
            files.upload(store);
            say("Submitting job " + job.id() + " …");
            JobEvent.Terminal end =
                    Following.toTheEnd(
                            client.submit(job),
                            form.json() ? new EventView.Silent() : form.view(session.console()),
                            session.console().err());
            if (end instanceof JobEvent.Completed completed) {
                show(completed, Downloads.fetch(store, completed, out));
            } else if (form.json()) {
                session.console().out().println(EventCodec.encodeStructured(end));
            }
            return Following.exit(end).code();
        }
    }

    private void say(String line) {
        if (!form.json()) {
            session.console().out().println(line);
        }
    }

    private void show(JobEvent.Completed completed, Downloads files) {
        PrintStream console = session.console().out();
        if (form.json()) {
            ObjectNode report = JsonNodeFactory.instance.objectNode();
            ArrayNode outputs = report.putArray("files");
            files.outputs().values().forEach(file -> outputs.add(file.toString()));
            report.put("manifest", files.manifest().toString());
            report.set("event", EventCodec.encodeStructured(completed));
            console.println(report);
            return;
        }
        files.all().forEach(file -> console.println("file: " + file));
    }

    /// An id that tells people what the job is about.
    private static String name(String prompt) {
        String words =
                prompt.toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9]+", "-")
                        .replaceAll("^-|-$", "");
        String unique = JobId.fresh(InstantSource.system()).value().replaceAll(".*-", "");
        String shortened = words.substring(0, Math.min(words.length(), 40));
        return (shortened.isEmpty() ? "demo" : shortened) + "-" + unique.substring(0, 8);
    }
}
