package dev.darkroom.worker.model;

import static java.util.stream.Collectors.joining;

import dev.darkroom.worker.text.Tokenizer;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// What must hold of a folder's parts together, once each was read: every method notes what does
/// not.
///
/// @param path of the folder
/// @param pipeline its kind
/// @param denoiser as it was read
/// @param vae as it was read; nothing where pictures are sampled as they are
/// @param problems where it is noted
record FolderChecks(
        Path path,
        PipelineClass pipeline,
        DenoiserConfig denoiser,
        @Nullable VaeConfig vae,
        List<String> problems) {
    /// In a ControlNet's `config.json`.
    private static final String POOLED_CONTROL = "global_pool_conditions";

    /// The file of this name below `folder`, unless the name leads out of it.
    static Optional<Path> inside(Path folder, String name) {
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

    /// Whether the denoiser takes the guidance scale as its family's pipelines give it.
    void guidanceEmbedding() {
        int length = denoiser.traits().guidanceEmbedding();
        String legal =
                switch (pipeline.family()) {
                    case STABLE_DIFFUSION, STABLE_DIFFUSION_XL, UNCONDITIONAL ->
                            length == 0 ? "" : "null, since no embedding of the guidance is built";
                    case LATENT_CONSISTENCY ->
                            length > 0 ? "" : "a number, since the guidance is told that way";
                    case STABLE_DIFFUSION_3, FLUX -> "";
                };
        if (problems.isEmpty() && !legal.isEmpty()) {
            problems.add(
                    denoiser.part()
                            + "/config.json: "
                            + DenoiserConfig.GUIDANCE_EMBEDDING
                            + " is "
                            + (length == 0 ? "null" : length)
                            + "; legal for "
                            + pipeline.wireName()
                            + ": "
                            + legal);
        }
    }

    /// Whether every vocabulary is there.
    void vocabularies(List<String> tokenizers) {
        for (String tokenizer : tokenizers) {
            Tokenizer.lacking(path.resolve(tokenizer))
                    .ifPresent(files -> problems.add(tokenizer + "/" + files + " is missing"));
        }
    }

    /// Whether the denoiser takes what the autoencoder makes.
    ///
    /// @param flags of `model_index.json` that are set
    void channels(Set<String> flags) {
        if (!problems.isEmpty()) {
            return;
        }
        int channels = denoiser.inChannels();
        if (vae == null) {
            if (channels != 1 && channels != 3) {
                problems.add(illegalChannels() + pipeline.wireName() + ": 1 or 3, grey or colour");
            }
            return;
        }
        int latent = vae.latentChannels();
        List<Integer> legal =
                switch (pipeline.family()) {
                    case UNCONDITIONAL -> List.of();
                    case STABLE_DIFFUSION, STABLE_DIFFUSION_XL ->
                            flags.contains(ModelFolder.AESTHETICS)
                                    ? List.of(latent)
                                    : List.of(latent, vae.inpaintingChannels());
                    case LATENT_CONSISTENCY, STABLE_DIFFUSION_3 -> List.of(latent);
                    case FLUX -> List.of(latent * denoiser.multiple() * denoiser.multiple());
                };
        if (!legal.contains(channels)) {
            problems.add(
                    illegalChannels()
                            + pipeline.wireName()
                            + " with the latent_channels of vae_decoder/config.json, "
                            + latent
                            + ": "
                            + legal.stream().map(String::valueOf).collect(joining(", or ")));
        }
    }

    private String illegalChannels() {
        return denoiser.part()
                + "/config.json: in_channels is "
                + denoiser.inChannels()
                + "; legal for ";
    }

    /// Whether the preview's map is for such samples.
    void preview(FolderNotes notes) {
        int channels = vae == null ? denoiser.inChannels() : vae.latentChannels();
        if (notes.preview() != null && notes.preview().channels() != channels) {
            problems.add(
                    FolderNotes.FILE
                            + ": preview.matrix has "
                            + notes.preview().channels()
                            + " rows; legal: one for each latent channel, "
                            + channels);
        }
    }

    /// Whether the ControlNets are of the kind that is built. The reference guesses the prompt with
    /// one that is averaged over the picture.
    void controlNets(List<Part> parts) {
        for (Part part : parts) {
            String config = part.name() + "/config.json";
            if (!part.name().startsWith(Parts.CONTROLNET)
                    || !Files.isRegularFile(path.resolve(config))) {
                continue;
            }
            JsonFile file = JsonFile.read(path, config, problems);
            if (file.flag(POOLED_CONTROL)) {
                file.problem(
                        POOLED_CONTROL, "is true; legal: false, since the guess mode is not built");
            }
        }
    }

    /// Whether every file with a digest is there.
    void listedFiles(FolderNotes notes) {
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
}
