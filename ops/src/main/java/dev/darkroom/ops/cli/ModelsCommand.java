package dev.darkroom.ops.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Kind;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.model.Catalogue;
import dev.darkroom.worker.model.FolderNotes;
import dev.darkroom.worker.model.ModelFolder;
import dev.darkroom.worker.model.ModelFolderException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Lists the models of a folder, checked as a worker checks them.
@Command(
        name = "models",
        description =
                "Lists the models in a folder with what a worker would say about them. A folder that a"
                        + " worker would refuse ends in exit status 1.")
final class ModelsCommand implements Callable<Integer> {
    private final Session session;

    @Mixin private final ModelsOptions models = new ModelsOptions();

    @Mixin private final FormOption form = new FormOption();

    ModelsCommand(Session session) {
        this.session = session;
    }

    /// A model as it is listed.
    ///
    /// @param name in the catalogue
    /// @param folder what is known; absent: it would be refused
    /// @param digest over its files; absent: it would be refused
    /// @param problems why it would be refused; empty: it would not
    private record Listed(
            ModelId name,
            @Nullable ModelFolder folder,
            @Nullable String digest,
            List<String> problems) {}

    @Override
    public Integer call() {
        session.logNothing();
        Catalogue catalogue = new Catalogue(models.folder());
        List<Listed> listed = new ArrayList<>();
        for (ModelId name : catalogue.names()) {
            listed.add(look(catalogue, name));
        }
        PrintStream out = session.console().out();
        if (form.json()) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            listed.forEach(model -> all.add(asJson(model)));
            out.println(all.toPrettyString());
        } else if (listed.isEmpty()) {
            out.println("no models in " + models.folder());
        } else {
            listed.forEach(model -> print(model, out));
        }
        boolean good = listed.stream().allMatch(model -> model.problems().isEmpty());
        return (good ? Exit.DONE : Exit.FAILED).code();
    }

    private static Listed look(Catalogue catalogue, ModelId name) {
        try {
            ModelFolder folder = ModelFolder.read(catalogue.folder(name));
            return new Listed(name, folder, folder.digest(), List.of());
        } catch (ModelFolderException e) {
            return new Listed(name, null, null, e.problems());
        }
    }

    private static void print(Listed model, PrintStream out) {
        out.println(model.name());
        ModelFolder folder = model.folder();
        if (folder == null) {
            model.problems().forEach(problem -> out.println("  problem      " + problem));
            return;
        }
        FolderNotes notes = folder.notes();
        line(out, "title", notes.title());
        line(out, "about", notes.description());
        line(out, "licence", notes.licence());
        line(out, "kind", kind(folder));
        line(out, "class", folder.pipeline().wireName());
        line(out, "defaults", words(defaults(notes)));
        line(out, "limits", words(new TreeMap<>(notes.limits())));
        line(out, "previews", notes.preview() == null ? "no" : "yes");
        line(out, "digest", model.digest());
        line(out, "folder", folder.path());
    }

    private static void line(PrintStream out, String name, @Nullable Object value) {
        if (value != null && !value.toString().isEmpty()) {
            out.println(String.format(Locale.ROOT, "  %-12s %s", name, value));
        }
    }

    private static ObjectNode asJson(Listed model) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("name", model.name().value());
        ModelFolder folder = model.folder();
        if (folder != null) {
            FolderNotes notes = folder.notes();
            node.put("title", notes.title());
            node.put("description", notes.description());
            node.put("licence", notes.licence());
            node.put("kind", kind(folder));
            node.put("class", folder.pipeline().wireName());
            node.set("defaults", defaults(notes));
            ObjectNode limits = node.putObject("limits");
            new TreeMap<>(notes.limits())
                    .forEach((field, range) ->
                            limits.putArray(field).add(range.least()).add(range.greatest()));
            node.put("previews", notes.preview() != null);
            node.put("digest", model.digest());
            node.put("folder", folder.path().toString());
        }
        ArrayNode problems = node.putArray("problems");
        model.problems().forEach(problems::add);
        return node;
    }

    /// The fields of a job that leaves them open, as a job would have them.
    private static ObjectNode defaults(FolderNotes notes) {
        FolderNotes.Defaults defaults = notes.defaults();
        JsonNode spec =
                JobCodec.encodeSpec(
                        new ImageSpec(
                                defaults.prompt(),
                                defaults.outputs(),
                                defaults.sampling(),
                                defaults.size(),
                                new Guides(null, defaults.strength(), null, List.of())));
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        spec.properties().stream()
                .filter(field -> !field.getKey().equals("kind"))
                .forEach(field -> fields.set(field.getKey(), field.getValue()));
        return fields;
    }

    private static String words(ObjectNode fields) {
        return fields.properties().stream()
                .map(field -> field.getKey() + " " + field.getValue().asText())
                .collect(Collectors.joining(", "));
    }

    private static String words(Map<String, FolderNotes.Range> limits) {
        return limits.entrySet().stream()
                .map(limit -> limit.getKey() + " " + limit.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String kind(ModelFolder folder) {
        Kind kind =
                switch (folder.pipeline().family()) {
                    case UNCONDITIONAL,
                            STABLE_DIFFUSION,
                            LATENT_CONSISTENCY,
                            STABLE_DIFFUSION_XL,
                            STABLE_DIFFUSION_3,
                            FLUX ->
                            Kind.IMAGE;
                };
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
