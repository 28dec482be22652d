package dev.darkroom.ops.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.client.JobHandle;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobBuilder;
import dev.darkroom.protocol.job.JobId;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Submits a job and, if asked, follows it to its end.
@Command(
        name = "submit",
        description =
                "Submits an image job, or any job from a file, and prints its id. Submitting the same"
                        + " id again does nothing: the id is the idempotency key.")
final class SubmitCommand implements Callable<Integer> {
    private static final Set<Class<?>> FIELDS =
            Set.of(
                    JobOptions.class,
                    ImageOptions.class,
                    GuideOptions.class,
                    GuideOptions.ControlOptions.class,
                    FormatOptions.class);

    private final Session session;

    @Spec private @Nullable CommandSpec spec;

    @Mixin private final JobOptions job = new JobOptions();

    @Option(
            names = "--file",
            paramLabel = "FILE",
            description =
                    "Read the job from a JSON file instead, '-' is standard input; an absent id is"
                            + " filled in.")
    private @Nullable Path file;

    @Option(names = "--id", paramLabel = "ID", description = "The job's id. Default: a fresh UUID.")
    private @Nullable String id;

    @Option(names = "--follow", description = "Show what happens to the job, until its end.")
    private boolean follow;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Follow the job and bring its outputs and manifest into this folder.")
    private @Nullable Path out;

    @Mixin private final TimeoutOption timeout = new TimeoutOption();

    @Mixin private final FormOption form = new FormOption();

    @Mixin private final KafkaOptions kafka = new KafkaOptions();

    @Mixin private final StoreOptions store = new StoreOptions();

    @Mixin private final BucketOption bucket = new BucketOption();

    SubmitCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        session.logNothing();
        InputFiles inputs = new InputFiles(bucket.name());
        Job submitted = file == null ? fromOptions(inputs) : fromFile(file);
        if (out != null) {
            WritableFolder.create("--out", out);
        }
        kafka.requireTopics();
        upload(inputs);
        try (DarkroomClient client = kafka.connect()) {
            JobHandle handle = client.submit(submitted);
            if (!follow && out == null) {
                session.console().out().println(form.json() ? idAsJson(submitted) : submitted.id());
                return Exit.DONE.code();
            }
            JobEvent.Terminal end =
                    Following.toTheEnd(
                            handle,
                            form.view(session.console()),
                            session.console().err(),
                            timeout.longest());
            if (out != null && end instanceof JobEvent.Completed completed) {
                bring(completed, out);
            }
            return Following.exit(end).code();
        }
    }

    private void upload(InputFiles inputs) {
        if (!inputs.isEmpty()) {
            try (StoreClient writer = store.open()) {
                inputs.upload(writer);
            }
        }
    }

    private void bring(JobEvent.Completed completed, Path folder) {
        try (StoreClient reader = store.open()) {
            Downloads files = Downloads.fetch(reader, completed, folder);
            if (!form.json()) {
                files.all().forEach(file -> session.console().out().println("file: " + file));
            }
        }
    }

    private Job fromOptions(InputFiles inputs) {
        JobBuilder builder = job.job(inputs);
        ImageOptions.set(id, builder::id);
        return builder.build();
    }

    private Job fromFile(Path path) {
        if (fieldIsGiven()) {
            throw new CommandException(
                    Exit.USAGE,
                    "--file holds the whole job; the prompt and options that set fields"
                            + " of a job cannot be given beside it");
        }
        JsonNode read;
        try (InputStream stream =
                path.toString().equals("-") ? System.in : Files.newInputStream(path)) {
            read = new JsonMapper().readTree(stream);
        } catch (JacksonException e) {
            throw new CommandException(
                    Exit.USAGE, "--file is " + path + ", which is no JSON: " + Reason.of(e), e);
        } catch (IOException e) {
            throw new CommandException(
                    Exit.USAGE, "--file is " + path + ", which cannot be read: " + Reason.of(e), e);
        }
        if (read instanceof ObjectNode object) {
            if (id != null) {
                object.put("id", id);
            } else if (!object.has("id")) {
                object.put("id", JobId.fresh(InstantSource.system()).value());
            }
        }
        return JobCodec.decodeJob(read);
    }

    private boolean fieldIsGiven() {
        return spec != null
                && spec.commandLine().getParseResult().matchedArgs().stream()
                        .anyMatch(argument ->
                                argument.userObject() instanceof Field field
                                        && FIELDS.contains(field.getDeclaringClass()));
    }

    private static ObjectNode idAsJson(Job job) {
        return JsonNodeFactory.instance.objectNode().put("id", job.id().value());
    }
}
