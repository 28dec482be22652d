package dev.darkroom.worker.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/// What a picture's height or width may be for a model, in pixels.
///
/// @param usual that of jobs that do not say
/// @param multiple what it must be a multiple of
/// @param greatest the greatest legal one; 0 where nothing limits it
/// @param fixed the only legal one, where the model's graphs were exported for it; 0 where they
///   take any
public record Side(int usual, int multiple, int greatest, int fixed) {
    /// The axes of pictures and latents, `[B, C, H, W]`.
    enum Axis {
        HEIGHT(2),
        WIDTH(3);

        private final int number;

        Axis(int number) {
            this.number = number;
        }
    }

    /// The side of a model for pictures from latents; graphs that take no common size are noted.
    static Side of(
            Axis axis,
            DenoiserConfig denoiser,
            VaeConfig vae,
            Graphs graphs,
            List<String> problems) {
        int multiple = denoiser.multiple() * vae.factor();
        int usual = vae.factor() * (axis == Axis.HEIGHT ? denoiser.height() : denoiser.width());
        int fixed = 0;
        for (Sized sized : sized(denoiser, vae, graphs)) {
            OptionalInt cells = graphs.fixed(sized.part, sized.input, axis.number);
            int pixels = cells.orElse(0) * sized.pixels;
            if (fixed != 0 && pixels != 0 && fixed != pixels) {
                problems.add(
                        sized.part
                                + "/"
                                + Part.GRAPH
                                + " was exported for a "
                                + axis.name().toLowerCase(Locale.ROOT)
                                + " of "
                                + pixels
                                + " pixels; legal: "
                                + fixed
                                + ", as the other graphs were");
            } else if (pixels != 0) {
                fixed = pixels;
            }
        }
        return new Side(
                fixed == 0 ? usual : fixed,
                multiple,
                denoiser.traits().positions() * multiple,
                fixed);
    }

    /// An input that has the size of the picture, and the pixels along a side of its cells.
    private record Sized(String part, String input, int pixels) {}

    private static List<Sized> sized(DenoiserConfig denoiser, VaeConfig vae, Graphs graphs) {
        List<Sized> sized = new ArrayList<>();
        sized.add(new Sized(denoiser.part(), "sample", vae.factor()));
        if (!denoiser.traits().packed()) {
            sized.add(new Sized(denoiser.part(), "hidden_states", vae.factor()));
        }
        sized.add(new Sized(ModelFolder.DECODER, "latent_sample", vae.factor()));
        sized.add(new Sized(ModelFolder.SECOND_DECODER, "latent_sample", vae.factor()));
        sized.add(new Sized(Parts.ENCODER, "sample", 1));
        graphs.headers().keySet().stream()
                .filter(part -> part.startsWith(Parts.CONTROLNET))
                .sorted()
                .forEach(part -> {
                    sized.add(new Sized(part, "sample", vae.factor()));
                    sized.add(new Sized(part, "controlnet_cond", 1));
                });
        return sized;
    }

    /// Whether a picture may have this side.
    public boolean holds(int pixels) {
        return pixels >= multiple
                && pixels % multiple == 0
                && (greatest == 0 || pixels <= greatest)
                && (fixed == 0 || pixels == fixed);
    }

    /// What is legal, for messages.
    @Override
    public String toString() {
        if (fixed != 0) {
            return fixed + ", which the model was exported for";
        }
        return "a multiple of " + multiple + (greatest == 0 ? "" : " up to " + greatest);
    }
}
