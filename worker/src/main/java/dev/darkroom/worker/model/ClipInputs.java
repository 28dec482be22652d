package dev.darkroom.worker.model;

import com.fasterxml.jackson.databind.JsonNode;
import dev.darkroom.worker.media.ClipInput;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/// Reads how pictures are prepared for a model's safety checker. Its defaults are those of the
/// reference's `CLIPImageProcessor`.
final class ClipInputs {
    /// The file of a folder with a safety checker.
    static final String FILE = "feature_extractor/preprocessor_config.json";

    private static final int SIDE = 224;
    private static final double SCALE = 1.0 / 255;

    /// Pillow's number of its bicubic filter.
    private static final int BICUBIC = 3;

    private static final List<String> ALWAYS =
            List.of("do_resize", "do_center_crop", "do_rescale", "do_normalize");
    private static final List<Double> MEAN = List.of(0.48145466, 0.4578275, 0.40821073);
    private static final List<Double> DEVIATION = List.of(0.26862954, 0.26130258, 0.27577711);

    private ClipInputs() {}

    /// What this file says; what is wrong or not built is noted there.
    static ClipInput read(JsonFile file) {
        for (String step : ALWAYS) {
            if (file.value(step).isPresent() && !file.flag(step)) {
                file.problem(step, "is false; legal: true");
            }
        }
        int filter = file.integer("resample").orElse(BICUBIC);
        if (filter != BICUBIC) {
            file.problem("resample", "is " + filter + "; legal: " + BICUBIC + ", bicubic");
        }
        int edge = side(file, "size", "shortest_edge");
        int height = side(file, "crop_size", "height");
        int width = side(file, "crop_size", "width");
        if (height > edge || width > edge) {
            file.problem(
                    "crop_size", "is " + width + " × " + height + "; legal: at most size, " + edge);
            height = edge;
            width = edge;
        }
        return new ClipInput(
                edge,
                height,
                width,
                file.number("rescale_factor").orElse(SCALE),
                new ClipInput.Colours(
                        colours(file, "image_mean", MEAN), colours(file, "image_std", DEVIATION)));
    }

    /// A side that is given as a number or, by its name, in an object.
    private static int side(JsonFile file, String field, String name) {
        Optional<JsonNode> given = file.value(field);
        if (given.isEmpty()) {
            return SIDE;
        }
        JsonNode side = given.get().isObject() ? given.get().path(name) : given.get();
        if (!side.isInt() || side.intValue() < 1) {
            file.problem(
                    field,
                    "is "
                            + given.get()
                            + "; legal: a whole number of at least 1, or an object with such a "
                            + name);
            return SIDE;
        }
        return side.intValue();
    }

    private static List<Double> colours(JsonFile file, String field, List<Double> otherwise) {
        Optional<JsonNode> given = file.value(field);
        if (given.isEmpty()) {
            return otherwise;
        }
        JsonNode list = given.get();
        if (!list.isArray()
                || list.size() != otherwise.size()
                || !StreamSupport.stream(list.spliterator(), false)
                        .allMatch(number ->
                                number.isNumber() && Double.isFinite(number.doubleValue()))) {
            file.problem(field, "is " + list + "; legal: 3 numbers");
            return otherwise;
        }
        List<Double> numbers =
                StreamSupport.stream(list.spliterator(), false).map(JsonNode::doubleValue).toList();
        if (field.equals("image_std") && numbers.contains(0.0)) {
            file.problem(field, "is " + list + "; legal: 3 numbers, none of them 0");
        }
        return numbers;
    }
}
