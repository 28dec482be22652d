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
    /// The configuration in this file; what is wrong is noted there.
    static UnetConfig read(JsonFile file) {
        Optional<JsonNode> size =
                file.required(
                        "sample_size",
                        value ->
                                value.isInt()
                                        || (value.isArray()
                                                && value.size() == 2
                                                && value.get(0).isInt()
                                                && value.get(1).isInt()),
                        "a whole number, or [height, width]");
        int height = size.map(s -> s.isInt() ? s.intValue() : s.get(0).intValue()).orElse(1);
        int width = size.map(s -> s.isInt() ? s.intValue() : s.get(1).intValue()).orElse(1);
        return new UnetConfig(
                file.size("in_channels"),
                file.size("out_channels"),
                height,
                width,
                file.length("block_out_channels") - 1);
    }
}
