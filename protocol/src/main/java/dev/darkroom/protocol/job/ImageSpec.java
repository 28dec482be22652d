package dev.darkroom.protocol.job;

/// Still pictures.
///
/// @param prompt what they show
/// @param outputs how many, from which seed
/// @param sampling how the sampler runs
/// @param size in pixels
/// @param guides pictures that guide the output
public record ImageSpec(Prompt prompt, Outputs outputs, Sampling sampling, Size size, Guides guides)
        implements Spec {
    @Override
    public Kind kind() {
        return Kind.IMAGE;
    }
}
