package dev.darkroom.ops.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.codec.MalformedMessageException;
import dev.darkroom.protocol.codec.ManifestCodec;
import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.InputDigest;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Runs a finished job again, as its manifest has it, and compares what comes out.
@Command(
        name = "reproduce",
        description =
                "Runs a finished job again under a new id, with every parameter that was in effect,"
                        + " and says whether the outputs are the same bytes. They are when the model,"
                        + " the kind of device and its number of threads are, and no other job shares"
                        + " its runs; different bytes end in exit status 1. A model or a picture"
                        + " whose files have changed is named.")
final class ReproduceCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(
            paramLabel = "MANIFEST",
            description = "The job's manifest: a file, or its s3:// address.")
    private String manifest = "";

    @Mixin private final FormOption form = new FormOption();

    @Mixin private final KafkaOptions kafka = new KafkaOptions();

    @Mixin private final StoreOptions store = new StoreOptions();

    ReproduceCommand(Session session) {
        this.session = session;
    }

    /// One output, then and now.
    ///
    /// @param index of the output, from 0
    /// @param then its sha256, or why it was withheld
    /// @param now the same of the new job; absent: there is none
    private record Compared(int index, String then, @Nullable String now) {
        boolean same() {
            return then.equals(now);
        }
    }

    /// A picture that the job starts from, then and now.
    ///
    /// @param field of the job that names it
    /// @param then its sha256; absent: the job ran before manifests had it
    /// @param now the same of the new job; absent: it was not heard
    private record Source(String field, @Nullable String then, @Nullable String now) {
        boolean changed() {
            return then != null && now != null && !then.equals(now);
        }
    }

    /// What the outputs were made from.
    ///
    /// @param weights of the model
    /// @param sources the job's pictures
    private record Origin(Weights weights, List<Source> sources) {
        Origin {
            sources = List.copyOf(sources);
        }
    }

    /// The digests over the model's files, then and now.
    ///
    /// @param then as the manifest has it
    /// @param now as the worker has said; absent: it was not heard
    private record Weights(String then, @Nullable String now) {
        boolean same() {
            return then.equals(now);
        }
    }

    @Override
    public Integer call() {
        session.logNothing();
        Manifest old = read();
        Manifest.Recipe recipe = old.recipe();
        if (!(old.terminal() instanceof JobEvent.Completed then) || recipe == null) {
            throw new CommandException(
                    Exit.USAGE,
                    manifest
                            + " is of a job that made no outputs: "
                            + String.join("; ", EventWords.lines(old.terminal())));
        }
        Job again = again(recipe.job());
        kafka.requireTopics();
        try (DarkroomClient client = kafka.connect()) {
            EventView.Started view =
                    new EventView.Started(
                            form.json() ? new EventView.Silent() : form.view(session.console()));
            JobEvent.Terminal end =
                    Following.toTheEnd(client.submit(again), view, session.console().err());
            if (!(end instanceof JobEvent.Completed now)) {
                return Following.exit(end).code();
            }
            List<Compared> compared = compare(then, now);
            print(again, origin(recipe, view.last()), compared);
            boolean same = compared.stream().allMatch(Compared::same);
            return (same ? Exit.DONE : Exit.FAILED).code();
        }
    }

    private static Origin origin(Manifest.Recipe then, Optional<JobEvent.Started> now) {
        Map<String, String> before = bySource(then.inputs());
        Map<String, String> after = bySource(now.map(JobEvent.Started::inputs).orElse(List.of()));
        Set<String> fields = new LinkedHashSet<>(before.keySet());
        fields.addAll(after.keySet());
        return new Origin(
                new Weights(
                        then.modelDigest(), now.map(JobEvent.Started::modelDigest).orElse(null)),
                fields.stream()
                        .map(field -> new Source(field, before.get(field), after.get(field)))
                        .toList());
    }

    private static Map<String, String> bySource(List<InputDigest> inputs) {
        Map<String, String> digests = new LinkedHashMap<>();
        inputs.forEach(input -> digests.put(input.field(), input.sha256()));
        return digests;
    }

    private static Job again(Job job) {
        return new Job(
                job.specVersion(),
                JobId.fresh(InstantSource.system()),
                job.model(),
                job.spec(),
                job.output(),
                job.progress(),
                null,
                job.maxAttempts(),
                job.labels());
    }

    private Manifest read() {
        try {
            return ManifestCodec.decode(bytes());
        } catch (MalformedMessageException e) {
            throw new CommandException(
                    Exit.USAGE, "MANIFEST is " + manifest + ", which is " + e.getMessage(), e);
        }
    }

    private byte[] bytes() {
        if (manifest.startsWith("s3://")) {
            try (StoreClient reader = store.open()) {
                return reader.read(manifest);
            }
        }
        try {
            return Files.readAllBytes(Path.of(manifest));
        } catch (IOException e) {
            throw new CommandException(
                    Exit.USAGE,
                    "MANIFEST is " + manifest + ", which cannot be read: " + Reason.of(e),
                    e);
        }
    }

    private static List<Compared> compare(JobEvent.Completed then, JobEvent.Completed now) {
        Map<Integer, String> made = new TreeMap<>();
        now.artifacts().forEach(artifact -> made.put(artifact.index(), content(artifact)));
        List<Compared> compared = new ArrayList<>();
        for (Artifact artifact : then.artifacts()) {
            int index = artifact.index();
            compared.add(new Compared(index, content(artifact), made.get(index)));
        }
        return compared;
    }

    private static String content(Artifact artifact) {
        return switch (artifact) {
            case Artifact.Stored stored -> stored.object().sha256();
            case Artifact.Withheld withheld -> "withheld, " + withheld.code();
        };
    }

    private void print(Job job, Origin origin, List<Compared> compared) {
        Weights weights = origin.weights();
        if (form.json()) {
            ObjectNode report = JsonNodeFactory.instance.objectNode().put("job", job.id().value());
            report.put("same", compared.stream().allMatch(Compared::same));
            report.putObject("modelDigest")
                    .put("then", weights.then())
                    .put("now", weights.now())
                    .put("same", weights.same());
            ArrayNode inputs = report.putArray("inputs");
            origin.sources()
                    .forEach(source ->
                            inputs.addObject()
                                    .put("field", source.field())
                                    .put("then", source.then())
                                    .put("now", source.now())
                                    .put("same", Objects.equals(source.then(), source.now())));
            ArrayNode outputs = report.putArray("outputs");
            compared.forEach(output ->
                    outputs.addObject()
                            .put("index", output.index())
                            .put("then", output.then())
                            .put("now", output.now())
                            .put("same", output.same()));
            session.console().out().println(report);
            return;
        }
        if (weights.now() != null && !weights.same()) {
            session.console()
                    .out()
                    .println(
                            "model "
                                    + job.model()
                                    + ": different files, "
                                    + weights.then()
                                    + " then, "
                                    + weights.now()
                                    + " now");
        }
        for (Source source : origin.sources()) {
            if (source.changed()) {
                session.console()
                        .out()
                        .println(
                                source.field()
                                        + ": a different file, "
                                        + source.then()
                                        + " then, "
                                        + source.now()
                                        + " now");
            }
        }
        for (Compared output : compared) {
            session.console()
                    .out()
                    .println(
                            "output "
                                    + output.index()
                                    + (output.same() ? ": the same, " : ": different, ")
                                    + output.then()
                                    + (output.same() ? "" : " then, " + output.now() + " now"));
        }
    }
}
