package dev.darkroom.worker.media;

import java.util.List;

/// A fixed linear map from latents to colours, fitted when the model was exported: the cheap way to
/// a preview, without the decoder.
///
/// @param matrix one row per latent channel: what it adds to red, green and blue
/// @param bias red, green and blue of a latent cell that is all zero; colours range from 0 to 1
public record LatentColours(List<List<Double>> matrix, List<Double> bias) {
    private static final int COLOURS = 3;

    /// Copies the lists; refuses rows that are no colour.
    public LatentColours {
        matrix = matrix.stream().map(List::copyOf).toList();
        bias = List.copyOf(bias);
        if (matrix.isEmpty() || matrix.stream().anyMatch(row -> row.size() != COLOURS)) {
            throw new IllegalArgumentException(
                    "matrix must have one row of 3 numbers per latent channel");
        }
        if (bias.size() != COLOURS) {
            throw new IllegalArgumentException(
                    "bias has " + bias.size() + " numbers; legal: 3, for red, green and blue");
        }
    }

    /// The number of latent channels that it takes.
    public int channels() {
        return matrix.size();
    }
}
