package dev.darkroom.worker.media;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.List;

/// How a picture becomes the input of a CLIP vision model, with the arithmetic of the reference's
/// `CLIPImageProcessor` on Pillow (`image_processing_pil_clip.py`): rounded to 8 bits, resized
/// bicubically until its shorter side fits, cut to its middle, then rescaled and normalised.
///
/// @param edge what the shorter side becomes, pixels
/// @param height of the middle that is kept, at most `edge`
/// @param width of the middle that is kept, at most `edge`
/// @param scale from a level, 0 to 255, to a number
/// @param colours what is done to the numbers
public record ClipInput(int edge, int height, int width, double scale, Colours colours) {
    /// Refuses a middle that is larger than the picture may be.
    public ClipInput {
        if (height < 1 || width < 1 || height > edge || width > edge) {
            throw new IllegalArgumentException(
                    "keeps " + width + " × " + height + " pixels; legal: 1 to " + edge + " a side");
        }
    }

    /// The distribution of red, green and blue that the model was trained on.
    ///
    /// @param mean of each
    /// @param deviation of each
    public record Colours(List<Double> mean, List<Double> deviation) {
        /// Copies the lists; refuses those that are not of three numbers.
        public Colours {
            mean = List.copyOf(mean);
            deviation = List.copyOf(deviation);
            if (mean.size() != Picture.COLOURS || deviation.size() != Picture.COLOURS) {
                throw new IllegalArgumentException(
                        mean.size() + " means, " + deviation.size() + " deviations; legal: 3");
            }
        }
    }

    /// The model's input, one row for each picture: `[n, 3, height, width]`. Long work for a
    /// processor.
    ///
    /// @param made pictures `[H, W, C]`, 0 to 1, finite; grey ones count as three equal colours
    public FloatTensor of(List<FloatTensor> made) {
        FloatTensor input =
                FloatTensor.allocate(Shape.of(made.size(), Picture.COLOURS, height, width));
        for (int i = 0; i < made.size(); i++) {
            put(Picture.of(made.get(i)), input.rows(i, i + 1));
        }
        return input;
    }

    /// Writes a picture into `into`, `[1, 3, height, width]`.
    void put(Picture picture, FloatTensor into) {
        Picture resized = resized(picture);
        int left = (resized.width() - width) / 2;
        int top = (resized.height() - height) / 2;
        int at = 0;
        for (int colour = 0; colour < Picture.COLOURS; colour++) {
            float[] numbers = numbers(colour);
            int channel = resized.channels() == 1 ? 0 : colour;
            for (int y = 0; y < height; y++) {
                for (int x = 0; x < width; x++) {
                    into.set(at++, numbers[resized.level(left + x, top + y, channel)]);
                }
            }
        }
    }

    private Picture resized(Picture picture) {
        int shorter = Math.min(picture.width(), picture.height());
        int longer = Math.max(picture.width(), picture.height());
        int scaled = (int) ((double) ((long) edge * longer) / shorter);
        return picture.width() <= picture.height()
                ? Resampling.BICUBIC.resize(picture, edge, scaled)
                : Resampling.BICUBIC.resize(picture, scaled, edge);
    }

    /// What each level of a colour becomes. The reference scales in double precision and goes on in
    /// single precision.
    private float[] numbers(int colour) {
        float mean = colours.mean().get(colour).floatValue();
        float deviation = colours.deviation().get(colour).floatValue();
        float[] numbers = new float[256];
        for (int level = 0; level < numbers.length; level++) {
            numbers[level] = ((float) (level * scale) - mean) / deviation;
        }
        return numbers;
    }
}
