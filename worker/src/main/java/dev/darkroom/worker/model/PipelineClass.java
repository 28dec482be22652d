package dev.darkroom.worker.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The kinds of pipeline that are built, named as `model_index.json` names them, with what each
/// needs of its folder.
public enum PipelineClass {
    /// Text to picture in a latent space, guided without a classifier.
    STABLE_DIFFUSION("StableDiffusionPipeline"),
    /// Pictures of one kind, from noise alone.
    DDPM("DDPMPipeline"),
    /// The same with the deterministic sampler.
    DDIM("DDIMPipeline");

    private final String wireName;

    PipelineClass(String wireName) {
        this.wireName = wireName;
    }

    /// A part with a graph of its own.
    ///
    /// @param name of its folder
    /// @param inputs all inputs that its graph must have; one with more cannot be run
    /// @param output the output that is read
    record Component(String name, List<String> inputs, String output) {
        /// Copies the list.
        Component {
            inputs = List.copyOf(inputs);
        }
    }

    /// The name in `model_index.json`.
    public String wireName() {
        return wireName;
    }

    /// The class of this name in `model_index.json`.
    public static Optional<PipelineClass> ofWireName(String name) {
        return Arrays.stream(values()).filter(c -> c.wireName.equals(name)).findFirst();
    }

    /// The names of all classes that are built.
    static List<String> wireNames() {
        return Arrays.stream(values()).map(PipelineClass::wireName).toList();
    }

    /// The parts with graphs.
    List<Component> components() {
        return switch (this) {
            case STABLE_DIFFUSION ->
                    List.of(
                            new Component(
                                    "text_encoder", List.of("input_ids"), "last_hidden_state"),
                            new Component(
                                    "unet",
                                    List.of("sample", "timestep", "encoder_hidden_states"),
                                    "out_sample"),
                            new Component("vae_decoder", List.of("latent_sample"), "sample"));
            case DDPM, DDIM ->
                    List.of(new Component("unet", List.of("sample", "timestep"), "out_sample"));
        };
    }

    /// The folders with vocabularies.
    List<String> tokenizers() {
        return switch (this) {
            case STABLE_DIFFUSION -> List.of("tokenizer");
            case DDPM, DDIM -> List.of();
        };
    }

    /// Whether it samples in a latent space and needs a decoder.
    boolean latent() {
        return switch (this) {
            case STABLE_DIFFUSION -> true;
            case DDPM, DDIM -> false;
        };
    }
}
