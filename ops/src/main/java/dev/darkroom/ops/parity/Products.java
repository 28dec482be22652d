package dev.darkroom.ops.parity;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.worker.media.Clip;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.util.List;

/// What a pipeline made, as numbers that can be compared.
///
/// @param tensor the name that the reference has for it
/// @param level how far a value may be from another and count as the same
/// @param outputs one per output of the job
record Products(String tensor, double level, List<Product> outputs) {
    /// Copies the list.
    Products {
        outputs = List.copyOf(outputs);
    }

    /// One output.
    sealed interface Product {}

    /// One that can be delivered.
    ///
    /// @param values before rounding: a picture `[H, W, C]`, a waveform `[channels, samples]`, or
    ///   frames `[F, H, W, C]`
    record Whole(FloatTensor values) implements Product {}

    /// One that must not be delivered.
    record Withheld(FailureCode code) implements Product {}

    /// Reads the media: all frames of a video, so its model must still be there.
    static Products of(Media media) {
        return switch (media) {
            case Media.Images(List<Media.Image> images) ->
                    new Products(
                            "image",
                            Deviation.LEVEL,
                            images.stream().map(Products::product).toList());
            case Media.Sounds(List<Media.Sound> sounds) ->
                    new Products(
                            "audio",
                            Deviation.AMPLITUDE,
                            sounds.stream().map(Products::product).toList());
            case Media.Videos(List<Media.Video> videos) ->
                    new Products(
                            "frames",
                            Deviation.LEVEL,
                            videos.stream().map(Products::product).toList());
        };
    }

    private static Product product(Media.Image image) {
        return switch (image) {
            case Media.Shown(FloatTensor picture) -> new Whole(picture);
            case Media.Withheld withheld -> new Withheld(withheld.code());
        };
    }

    private static Product product(Media.Sound sound) {
        return switch (sound) {
            case Media.Heard heard -> new Whole(heard.waveform());
            case Media.Withheld withheld -> new Withheld(withheld.code());
        };
    }

    private static Product product(Media.Video video) {
        return switch (video) {
            case Media.Played(Clip clip) -> frames(clip);
            case Media.Withheld withheld -> new Withheld(withheld.code());
        };
    }

    private static Product frames(Clip clip) {
        Shape frame = Shape.of(clip.height(), clip.width(), 3);
        FloatTensor all = FloatTensor.allocate(frame.batchOf(clip.frames()));
        int made = 0;
        try {
            while (clip.hasNext()) {
                FloatTensor some = clip.next();
                int more = some.shape().size(0);
                all.rows(made, made + more).copyFrom(some);
                made += more;
            }
        } catch (Clip.DegenerateException _) {
            return new Withheld(FailureCode.DEGENERATE_OUTPUT);
        }
        return new Whole(all);
    }
}
