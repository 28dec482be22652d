package dev.darkroom.worker.model;

import dev.darkroom.worker.sampling.SchedulerConfig;
import dev.darkroom.worker.sampling.Schedulers;
import dev.darkroom.worker.sampling.UnsupportedSchedulerException;
import dev.darkroom.worker.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A model's folder in the layout that the Python ecosystem exports: all of its configuration, read
/// and checked, and where its graphs and vocabularies lie. Immutable; holds no weights.
public final class ModelFolder {
    private static final String INDEX = "model_index.json";
    private static final String SCHEDULER = "scheduler/scheduler_config.json";
    private static final String GRAPH = "model.onnx";

    private final Path path;
    private final PipelineClass pipeline;
    private final SchedulerConfig scheduler;
    private final UnetConfig unet;
    private final @Nullable VaeConfig vae;
    private final FolderNotes notes;
    private final boolean filtered;

    private ModelFolder(Path path, PipelineClass pipeline, List<String> problems) {
        this.path = path;
        this.pipeline = pipeline;
        this.scheduler = scheduler(path, pipeline, problems);
        this.unet = UnetConfig.read(JsonFile.read(path, "unet/config.json", problems));
        this.vae =
                pipeline.latent()
                        ? VaeConfig.read(JsonFile.read(path, "vae_decoder/config.json", problems))
                        : null;
        this.notes =
                Files.exists(path.resolve(FolderNotes.FILE))
                        ? FolderNotes.read(JsonFile.read(path, FolderNotes.FILE, problems))
                        : FolderNotes.NONE;
        this.filtered = Files.isDirectory(path.resolve("safety_checker"));
        checkVocabularies(problems);
        checkGraphs(problems);
        checkChannels(problems);
        checkListedFiles(problems);
    }

    /// Reads and checks a folder, graphs' inputs and outputs included, without loading anything.
    ///
    /// @throws ModelFolderException with everything that is missing or wrong
    public static ModelFolder read(Path path) {
        List<String> problems = new ArrayList<>();
        JsonFile index = JsonFile.read(path, INDEX, problems);
        Optional<PipelineClass> pipeline =
                index.required(
                                "_class_name",
                                name ->
                                        name.isTextual()
                                                && PipelineClass.ofWireName(name.textValue())
                                                        .isPresent(),
                                "built are " + String.join(", ", PipelineClass.wireNames()))
                        .flatMap(name -> PipelineClass.ofWireName(name.textValue()));
        if (pipeline.isEmpty()) {
            throw new ModelFolderException(path, problems);
        }
        ModelFolder folder = new ModelFolder(path, pipeline.get(), problems);
        if (!problems.isEmpty()) {
            throw new ModelFolderException(path, problems);
        }
        return folder;
    }

    private static SchedulerConfig scheduler(
            Path path, PipelineClass pipeline, List<String> problems) {
        Map<String, @Nullable Object> fields = JsonFile.read(path, SCHEDULER, problems).fields();
        SchedulerConfig config = SchedulerConfig.of(fields);
        if (pipeline.latent()) {
            config = config.forLatentPipeline();
        }
        if (!fields.isEmpty()) {
            try {
                Schedulers.ofFolder(config);
            } catch (UnsupportedSchedulerException e) {
                problems.add(SCHEDULER + ": " + e.getMessage());
            }
        }
        return config;
    }

    private void checkVocabularies(List<String> problems) {
        for (String tokenizer : pipeline.tokenizers()) {
            Tokenizer.lacking(path.resolve(tokenizer))
                    .ifPresent(files -> problems.add(tokenizer + "/" + files + " is missing"));
        }
    }

    private void checkGraphs(List<String> problems) {
        for (PipelineClass.Component component : pipeline.components()) {
            String file = component.name() + "/" + GRAPH;
            if (!Files.isRegularFile(path.resolve(file))) {
                problems.add(file + " is missing");
                continue;
            }
            try {
                GraphHeader header = GraphHeader.read(path.resolve(file));
                component.inputs().stream()
                        .filter(input -> !header.inputs().contains(input))
                        .forEach(input -> problems.add(file + " has no input " + input));
                header.inputs().stream()
                        .filter(input -> !component.inputs().contains(input))
                        .forEach(input ->
                                problems.add(
                                        file
                                                + " wants the input "
                                                + input
                                                + ", which "
                                                + pipeline.wireName()
                                                + " does not give"));
                if (!header.outputs().contains(component.output())) {
                    problems.add(file + " has no output " + component.output());
                }
                header.weights()
                        .forEach(weights -> checkWeights(component.name(), weights, problems));
            } catch (IOException e) {
                problems.add(file + " is no usable ONNX file: " + e.getMessage());
            }
        }
    }

    /// A graph may keep weights in files of its own folder, where the digest covers them.
    private void checkWeights(String component, String weights, List<String> problems) {
        Path folder = path.resolve(component);
        Optional<Path> file = inside(folder, weights);
        if (file.isEmpty() || file.get().getFileName().toString().startsWith(".")) {
            problems.add(
                    component
                            + "/"
                            + GRAPH
                            + " keeps weights in '"
                            + weights
                            + "'; legal: a file in "
                            + component
                            + " that is not hidden");
        } else if (!Files.isRegularFile(file.get())) {
            problems.add(
                    component
                            + "/"
                            + weights
                            + ", where "
                            + component
                            + "/"
                            + GRAPH
                            + " keeps weights, is missing");
        }
    }

    /// The file of this name below `folder`, unless the name leads out of it.
    private static Optional<Path> inside(Path folder, String name) {
        try {
            Path file = folder.resolve(name).normalize();
            Path base = folder.normalize();
            return file.startsWith(base) && !file.equals(base)
                    ? Optional.of(file)
                    : Optional.empty();
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private void checkChannels(List<String> problems) {
        if (vae == null && problems.isEmpty() && unet.inChannels() != 1 && unet.inChannels() != 3) {
            problems.add(
                    "unet/config.json: in_channels is "
                            + unet.inChannels()
                            + "; legal for "
                            + pipeline.wireName()
                            + ": 1 or 3, grey or colour");
        }
        if (vae != null && problems.isEmpty() && vae.latentChannels() != unet.inChannels()) {
            problems.add(
                    "unet/config.json: in_channels is "
                            + unet.inChannels()
                            + "; legal for "
                            + pipeline.wireName()
                            + ": the latent_channels of vae_decoder/config.json, "
                            + vae.latentChannels());
        }
        if (notes.preview() != null && notes.preview().channels() != unet.inChannels()) {
            problems.add(
                    FolderNotes.FILE
                            + ": preview.matrix has "
                            + notes.preview().channels()
                            + " rows; legal: one for each latent channel, "
                            + unet.inChannels());
        }
    }

    private void checkListedFiles(List<String> problems) {
        for (String listed : new TreeSet<>(notes.sha256().keySet())) {
            Optional<Path> file = inside(path, listed);
            if (file.isEmpty()) {
                problems.add(
                        FolderNotes.FILE + ": sha256 names " + listed + ", outside the folder");
            } else if (!Files.isRegularFile(file.get())) {
                problems.add(listed + ", listed in " + FolderNotes.FILE + ", is missing");
            }
        }
    }

    /// Where it lies.
    public Path path() {
        return path;
    }

    /// The kind of pipeline.
    public PipelineClass pipeline() {
        return pipeline;
    }

    /// The scheduler's configuration, corrected as the reference's pipeline corrects it.
    public SchedulerConfig scheduler() {
        return scheduler;
    }

    /// What is known of the denoiser.
    public UnetConfig unet() {
        return unet;
    }

    /// What is known of the decoder; nothing where pictures are sampled as they are.
    public Optional<VaeConfig> vae() {
        return Optional.ofNullable(vae);
    }

    /// What `darkroom.json` says.
    public FolderNotes notes() {
        return notes;
    }

    /// Whether the folder brings a safety checker.
    public boolean hasSafetyChecker() {
        return filtered;
    }

    /// The names of the parts with graphs.
    public List<String> components() {
        return pipeline.components().stream().map(PipelineClass.Component::name).toList();
    }

    /// The graph's file of a part.
    public Path graph(String component) {
        return path.resolve(component).resolve(GRAPH);
    }

    /// The folders with vocabularies, by name.
    public List<String> tokenizers() {
        return pipeline.tokenizers();
    }

    /// The bytes of all graphs on disk, external weights included.
    public long graphBytes() {
        long bytes = 0;
        for (String file : files()) {
            if (components().contains(file.substring(0, Math.max(0, file.indexOf('/'))))) {
                bytes += path.resolve(file).toFile().length();
            }
        }
        return bytes;
    }

    /// The digest that names this model: `sha256:` and the digest over all of [#files]. Reads every
    /// byte, and compares each file with the list in `darkroom.json` where there is one.
    ///
    /// @throws ModelFolderException with every file that is not as the list says, or not in it
    public String digest() {
        try {
            SortedMap<String, String> digests = Checksums.of(path, files());
            List<String> problems = new ArrayList<>();
            if (!notes.sha256().isEmpty()) {
                digests.forEach((file, found) -> {
                    String wanted = notes.sha256().get(file);
                    if (wanted == null) {
                        problems.add(file + " is not listed in " + FolderNotes.FILE + ": sha256");
                    } else if (!wanted.equals(found)) {
                        problems.add(file + " has the digest " + found + "; legal: " + wanted);
                    }
                });
            }
            if (!problems.isEmpty()) {
                throw new ModelFolderException(path, problems);
            }
            return Checksums.over(digests);
        } catch (IOException e) {
            throw new ModelFolderException(path, List.of("it cannot be read: " + e));
        }
    }

    /// The files that decide what a job with given parameters makes, relative to the folder,
    /// sorted: `model_index.json` and everything in the folders of the scheduler, the vocabularies
    /// and the parts, the encoder that later work needs included. Hidden files do not count.
    public List<String> files() {
        TreeSet<String> files = new TreeSet<>(List.of(INDEX));
        List<String> folders = new ArrayList<>(List.of("scheduler", "vae_encoder"));
        folders.addAll(components());
        folders.addAll(tokenizers());
        for (String folder : folders) {
            if (!Files.isDirectory(path.resolve(folder))) {
                continue;
            }
            try (Stream<Path> found = Files.walk(path.resolve(folder))) {
                found.filter(Files::isRegularFile)
                        .filter(file -> !file.getFileName().toString().startsWith("."))
                        .map(file -> path.relativize(file).toString().replace('\\', '/'))
                        .forEach(files::add);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return List.copyOf(files);
    }

    /// The path.
    @Override
    public String toString() {
        return path.toString();
    }
}
