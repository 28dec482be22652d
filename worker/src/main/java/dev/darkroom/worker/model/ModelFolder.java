package dev.darkroom.worker.model;

import dev.darkroom.worker.media.ClipInput;
import dev.darkroom.worker.sampling.SchedulerConfig;
import dev.darkroom.worker.sampling.Schedulers;
import dev.darkroom.worker.sampling.UnsupportedSchedulerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A model's folder in the layout that the Python ecosystem exports: all of its configuration, read
/// and checked, and where its graphs and vocabularies lie. Immutable; holds no weights.
public final class ModelFolder {
    private static final String INDEX = "model_index.json";
    private static final String SCHEDULER = "scheduler/scheduler_config.json";

    /// The part that makes pictures of latents.
    public static final String DECODER = "vae_decoder";

    /// The part that does so in single precision, where the first one's half precision fails;
    /// optional.
    public static final String SECOND_DECODER = "vae_decoder_fp32";

    /// The part that tells which pictures are to be withheld; optional.
    public static final String SAFETY_CHECKER = "safety_checker";

    /// In `model_index.json`: an empty negative prompt is encoded as zeros. On where it is not
    /// said.
    public static final String ZEROED_NEGATIVE = "force_zeros_for_empty_prompt";

    /// In `model_index.json`: the denoiser is told a score for beauty instead of the target size.
    public static final String AESTHETICS = "requires_aesthetics_score";

    /// What jobs call the model's own ControlNet.
    private static final String DEFAULT_CONTROLNET = "default";

    private final Path path;
    private final PipelineClass pipeline;
    private final SchedulerConfig scheduler;
    private final DenoiserConfig denoiser;
    private final @Nullable VaeConfig vae;
    private final FolderNotes notes;
    private final List<Part> parts;
    private final Map<String, Integer> layers;
    private final Graphs graphs;
    private final @Nullable Side height;
    private final @Nullable Side width;
    private final List<String> tokenizers;
    private final Set<String> flags;
    private final List<Path> notesFiles;
    private final @Nullable ClipInput checked;
    private final boolean unchecked;

    private ModelFolder(
            Path path, Path others, PipelineClass pipeline, JsonFile index, List<String> problems) {
        this.path = path;
        this.pipeline = pipeline;
        this.scheduler = scheduler(path, problems);
        this.denoiser = DenoiserConfig.read(path, pipeline.family(), problems);
        this.vae =
                pipeline.family().latent()
                        ? VaeConfig.read(path, pipeline.family(), problems)
                        : null;
        this.notesFiles = List.of(path.resolve(FolderNotes.FILE), others.resolve(FolderNotes.FILE));
        this.notes = notes(path, others, problems);
        Parts needed = new Parts(path, index, denoiser);
        this.parts = needed.of(pipeline.family());
        this.checked =
                has(SAFETY_CHECKER)
                        ? ClipInputs.read(JsonFile.read(path, ClipInputs.FILE, problems))
                        : null;
        this.unchecked = checked == null && index.names(SAFETY_CHECKER);
        this.tokenizers = needed.tokenizers(pipeline.family());
        this.flags =
                Stream.of(ZEROED_NEGATIVE, AESTHETICS)
                        .filter(flag ->
                                index.flag(flag)
                                        || (flag.equals(ZEROED_NEGATIVE)
                                                && index.value(flag).isEmpty()))
                        .collect(Collectors.toUnmodifiableSet());
        this.layers = layers(needed.clip(pipeline.family()), problems);
        FolderChecks checks = new FolderChecks(path, pipeline, denoiser, vae, problems);
        checks.guidanceEmbedding();
        checks.vocabularies(tokenizers);
        this.graphs = Graphs.read(path, pipeline, parts, problems);
        checks.channels(flags);
        checks.preview(notes);
        checks.controlNets(parts);
        checks.listedFiles(notes);
        this.height = vae == null ? null : side(Side.Axis.HEIGHT, vae, problems);
        this.width = vae == null ? null : side(Side.Axis.WIDTH, vae, problems);
    }

    /// Reads and checks a folder, graphs' inputs and outputs included, without loading anything.
    ///
    /// @throws ModelFolderException with everything that is missing or wrong
    public static ModelFolder read(Path path) {
        return read(path, path);
    }

    /// Reads and checks a folder as [#read(Path)] does; without notes of its own, it takes those of
    /// another folder of the same model, digests of files excepted.
    static ModelFolder read(Path path, Path others) {
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
        ModelFolder folder = new ModelFolder(path, others, pipeline.get(), index, problems);
        if (!problems.isEmpty()) {
            throw new ModelFolderException(path, problems);
        }
        return folder;
    }

    private static FolderNotes notes(Path own, Path others, List<String> problems) {
        if (Files.exists(own.resolve(FolderNotes.FILE))) {
            return FolderNotes.read(JsonFile.read(own, FolderNotes.FILE, problems));
        }
        return Files.exists(others.resolve(FolderNotes.FILE))
                ? FolderNotes.read(JsonFile.read(others, FolderNotes.FILE, problems))
                        .forOtherFiles()
                : FolderNotes.NONE;
    }

    private static SchedulerConfig scheduler(Path path, List<String> problems) {
        Map<String, @Nullable Object> fields = JsonFile.read(path, SCHEDULER, problems).fields();
        SchedulerConfig config = SchedulerConfig.of(fields);
        if (!fields.isEmpty()) {
            try {
                Schedulers.ofFolder(config);
            } catch (UnsupportedSchedulerException e) {
                problems.add(SCHEDULER + ": " + e.getMessage());
            }
        }
        return config;
    }

    private Side side(Side.Axis axis, VaeConfig vae, List<String> problems) {
        return Side.of(axis, denoiser, vae, graphs, problems);
    }

    private Map<String, Integer> layers(List<String> clip, List<String> problems) {
        Map<String, Integer> layers = new HashMap<>();
        for (String encoder : clip) {
            JsonFile config = JsonFile.read(path, encoder + "/config.json", problems);
            layers.put(encoder, config.size("num_hidden_layers"));
        }
        return Map.copyOf(layers);
    }

    /// Where it lies.
    public Path path() {
        return path;
    }

    /// The kind of pipeline.
    public PipelineClass pipeline() {
        return pipeline;
    }

    /// The scheduler's configuration, as the folder has it.
    public SchedulerConfig scheduler() {
        return scheduler;
    }

    /// What is known of the denoiser.
    public DenoiserConfig denoiser() {
        return denoiser;
    }

    /// What is known of the decoder; nothing where pictures are sampled as they are.
    public Optional<VaeConfig> vae() {
        return Optional.ofNullable(vae);
    }

    /// What `darkroom.json` says.
    public FolderNotes notes() {
        return notes;
    }

    /// Where its notes may lie, whether there are any or not, the first before the second.
    List<Path> notesFiles() {
        return notesFiles;
    }

    /// How pictures are prepared for the folder's safety checker; nothing when it has none.
    public Optional<ClipInput> safetyChecker() {
        return Optional.ofNullable(checked);
    }

    /// Whether `model_index.json` names a safety checker that the folder does not have.
    public boolean lacksSafetyChecker() {
        return unchecked;
    }

    /// The names of the parts with graphs.
    public List<String> components() {
        return parts.stream().map(Part::name).toList();
    }

    /// Whether it has this part.
    public boolean has(String part) {
        return components().contains(part);
    }

    /// The names that jobs give its ControlNets: `default` for the model's own, else that of the
    /// part.
    public List<String> controlNets() {
        return components().stream()
                .filter(part -> part.startsWith(Parts.CONTROLNET))
                .map(part -> part.equals(Parts.CONTROLNET) ? DEFAULT_CONTROLNET : part)
                .toList();
    }

    /// The part of the ControlNet of this name.
    public String controlNet(String name) {
        return name.equals(DEFAULT_CONTROLNET) ? Parts.CONTROLNET : name;
    }

    /// The number of layers of a CLIP text encoder; 0 for another encoder.
    public int layers(String textEncoder) {
        return layers.getOrDefault(textEncoder, 0);
    }

    /// Whether a part's graph gives this output.
    public boolean gives(String part, String output) {
        return graphs.gives(part, output);
    }

    /// What a picture's sides, in pixels, are multiples of: those of the denoiser's coarsest cells.
    ///
    /// @throws java.util.NoSuchElementException where pictures are sampled as they are
    public int sideMultiple() {
        return vae().orElseThrow().factor() * denoiser.multiple();
    }

    /// What a picture's height may be; nothing where pictures are sampled as they are.
    public Optional<Side> height() {
        return Optional.ofNullable(height);
    }

    /// What a picture's width may be; nothing where pictures are sampled as they are.
    public Optional<Side> width() {
        return Optional.ofNullable(width);
    }

    /// Whether the denoiser is given a mask and the picture under it besides the sample.
    public boolean inpaintsOnly() {
        return vae != null && denoiser.inChannels() == vae.inpaintingChannels();
    }

    /// Whether this field of `model_index.json` is set.
    public boolean flag(String field) {
        return flags.contains(field);
    }

    /// The graph's file of a part.
    public Path graph(String component) {
        return path.resolve(component).resolve(Part.GRAPH);
    }

    /// The folders with vocabularies, by name.
    public List<String> tokenizers() {
        return tokenizers;
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
        if (checked != null) {
            folders.add("feature_extractor");
        }
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
