package dev.darkroom.worker.model;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;

/// What a pipeline needs to know of its denoiser, from `unet/config.json`.
///
/// @param inChannels channels of the sample
/// @param outChannels channels of its prediction: as many, or twice as many with a learned variance
/// @param height of the sample that it was trained on, in cells
/// @param width of the sample that it was trained on, in cells
/// @param halvings how often it halves the sample on its way down
public record UnetConfig(int inChannels, int outChannels, int height, int width, int halvings) {
    private static final int GREATEST_SIDE = 1 << 15;

    /// The configuration in this file; what is wrong is noted there.
    static UnetConfig read(JsonFile file) {
        Optional<JsonNode> size =
                file.required(
                        "sample_size",
                        value ->
                                isSide(value)
                                        || (value.isArray()
                                                && value.size() == 2
                                                && isSide(value.get(0))
                                                && isSide(value.get(1))),
                        "a whole number from 1 to " + GREATEST_SIDE + ", or [height, width]");
        int height = size.map(s -> s.isInt() ? s.intValue() : s.get(0).intValue()).orElse(1);
        int width = size.map(s -> s.isInt() ? s.intValue() : s.get(1).intValue()).orElse(1);
        return new UnetConfig(
                file.size("in_channels"),
                file.size("out_channels"),
                height,
                width,
                file.length("block_out_channels") - 1);
    }

    private static boolean isSide(JsonNode value) {
        return value.isInt() && value.intValue() >= 1 && value.intValue() <= GREATEST_SIDE;
    }
}
