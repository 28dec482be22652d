package dev.darkroom.worker.model;

import dev.darkroom.worker.onnx.GraphHeader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Which parts a model's folder must have, and which it has besides.
final class Parts {
    /// The folder of a model's own ControlNet; further ones are `controlnet_` and a name.
    static final String CONTROLNET = "controlnet";

    /// The part that makes latents of pictures; optional.
    static final String ENCODER = "vae_encoder";

    private static final String INPUT_IDS = "input_ids";
    private static final String ENCODED = "last_hidden_state";
    private static final String CONTEXT = "encoder_hidden_states";

    private final Path folder;
    private final JsonFile index;
    private final DenoiserConfig denoiser;

    /// Of the folder with this `model_index.json` and denoiser.
    Parts(Path folder, JsonFile index, DenoiserConfig denoiser) {
        this.folder = folder;
        this.index = index;
        this.denoiser = denoiser;
    }

    /// All of them, in the order in which a job uses them.
    List<Part> of(ModelFamily family) {
        List<Part> parts = new ArrayList<>();
        switch (family) {
            case UNCONDITIONAL ->
                    parts.add(Part.of("unet", List.of("sample", "timestep"), "out_sample"));
            case STABLE_DIFFUSION, LATENT_CONSISTENCY -> {
                parts.add(Part.of("text_encoder", List.of(INPUT_IDS), ENCODED));
                parts.addAll(controlNets(List.of()));
                parts.add(unet(List.of()));
            }
            case STABLE_DIFFUSION_XL -> {
                // The refiner has the second encoder only.
                if (index.names("text_encoder")) {
                    parts.add(Part.of("text_encoder", List.of(INPUT_IDS)));
                }
                parts.add(Part.of("text_encoder_2", List.of(INPUT_IDS), "text_embeds"));
                List<String> added = List.of("text_embeds", "time_ids");
                parts.addAll(controlNets(added));
                parts.add(unet(added));
            }
            case STABLE_DIFFUSION_3 -> {
                parts.add(Part.of("text_encoder", List.of(INPUT_IDS), "text_embeds"));
                parts.add(Part.of("text_encoder_2", List.of(INPUT_IDS), "text_embeds"));
                if (index.names("text_encoder_3")) {
                    parts.add(Part.of("text_encoder_3", List.of(INPUT_IDS), ENCODED));
                }
                parts.add(transformer(List.of()));
            }
            case FLUX -> {
                parts.add(Part.of("text_encoder", List.of(INPUT_IDS), "pooler_output"));
                parts.add(Part.of("text_encoder_2", List.of(INPUT_IDS), ENCODED));
                List<String> added = new ArrayList<>(List.of("txt_ids", "img_ids"));
                if (denoiser.traits().tellsGuidance()) {
                    added.add("guidance");
                }
                parts.add(transformer(added));
            }
        }
        if (family.latent()) {
            parts.add(decoder(ModelFolder.DECODER));
            if (Files.isDirectory(folder.resolve(ModelFolder.SECOND_DECODER))) {
                parts.add(decoder(ModelFolder.SECOND_DECODER));
            }
            if (Files.isDirectory(folder.resolve(ModelFolder.SAFETY_CHECKER))) {
                parts.add(
                        Part.of(
                                ModelFolder.SAFETY_CHECKER,
                                List.of("clip_input"),
                                "has_nsfw_concepts"));
            }
            if (Files.isDirectory(folder.resolve(ENCODER))) {
                parts.add(Part.of(ENCODER, List.of("sample"), "latent_parameters"));
            }
        }
        return List.copyOf(parts);
    }

    /// The folders with vocabularies.
    List<String> tokenizers(ModelFamily family) {
        return switch (family) {
            case UNCONDITIONAL -> List.of();
            case STABLE_DIFFUSION, LATENT_CONSISTENCY -> List.of("tokenizer");
            case STABLE_DIFFUSION_XL ->
                    index.names("tokenizer")
                            ? List.of("tokenizer", "tokenizer_2")
                            : List.of("tokenizer_2");
            case STABLE_DIFFUSION_3 ->
                    index.names("tokenizer_3")
                            ? List.of("tokenizer", "tokenizer_2", "tokenizer_3")
                            : List.of("tokenizer", "tokenizer_2");
            case FLUX -> List.of("tokenizer", "tokenizer_2");
        };
    }

    /// The text encoders of CLIP's kind, whose layers can be told apart.
    List<String> clip(ModelFamily family) {
        return switch (family) {
            case UNCONDITIONAL -> List.of();
            case STABLE_DIFFUSION, LATENT_CONSISTENCY, FLUX -> List.of("text_encoder");
            case STABLE_DIFFUSION_XL ->
                    index.names("text_encoder")
                            ? List.of("text_encoder", "text_encoder_2")
                            : List.of("text_encoder_2");
            case STABLE_DIFFUSION_3 -> List.of("text_encoder", "text_encoder_2");
        };
    }

    private static Part decoder(String name) {
        return Part.of(name, List.of("latent_sample"), "sample");
    }

    private Part unet(List<String> added) {
        List<String> inputs = new ArrayList<>(List.of("sample", "timestep", CONTEXT));
        if (denoiser.traits().guidanceEmbedding() > 0) {
            inputs.add("timestep_cond");
        }
        inputs.addAll(added);
        inputs.addAll(residuals());
        return Part.of("unet", inputs, "out_sample");
    }

    private static Part transformer(List<String> added) {
        List<String> inputs =
                new ArrayList<>(
                        List.of("hidden_states", "timestep", CONTEXT, "pooled_projections"));
        inputs.addAll(added);
        return Part.of("transformer", inputs, "out_hidden_states");
    }

    private List<Part> controlNets(List<String> added) {
        List<String> inputs =
                new ArrayList<>(
                        List.of(
                                "sample",
                                "timestep",
                                CONTEXT,
                                "controlnet_cond",
                                "conditioning_scale"));
        inputs.addAll(added);
        return controlNetFolders().stream()
                .map(name -> Part.of(name, inputs, "mid_block_res_sample"))
                .toList();
    }

    /// The folders of ControlNets, the model's own first.
    private List<String> controlNetFolders() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> below = Files.list(folder)) {
            return below.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .filter(name -> name.equals(CONTROLNET) || name.startsWith(CONTROLNET + "_"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the denoiser takes from the ControlNets: one input for each of their outputs.
    private List<String> residuals() {
        return controlNetFolders().stream()
                .flatMap(name -> outputs(folder.resolve(name).resolve(Part.GRAPH)).stream())
                .map(ControlNetPorts::residualOf)
                .distinct()
                .toList();
    }

    /// Nothing where the graph cannot be read: the check of that part says why.
    private static Set<String> outputs(Path graph) {
        try {
            return GraphHeader.read(graph).outputs();
        } catch (IOException _) {
            return Set.of();
        }
    }
}
