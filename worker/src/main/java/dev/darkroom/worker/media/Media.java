package dev.darkroom.worker.media;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.worker.tensor.FloatTensor;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a pipeline made, before it is encoded.
public sealed interface Media {
    /// One for each output of the job, in order.
    List<? extends Made> outputs();

    /// The outputs that must not be delivered, by their index.
    default Map<Integer, Withheld> withheld() {
        SortedMap<Integer, Withheld> withheld = new TreeMap<>();
        for (int i = 0; i < outputs().size(); i++) {
            if (outputs().get(i) instanceof Withheld why) {
                withheld.put(i, why);
            }
        }
        return withheld;
    }

    /// Pictures.
    ///
    /// @param images one per output
    record Images(List<Image> images) implements Media {
        /// Copies the list.
        public Images {
            images = List.copyOf(images);
        }

        @Override
        public List<Image> outputs() {
            return images;
        }
    }

    /// One output, whatever its kind.
    sealed interface Made {}

    /// One output of an image job.
    sealed interface Image extends Made {}

    /// A picture that can be delivered.
    ///
    /// @param picture `[H, W, C]`, 0 to 1, not yet rounded; `C` is 3, or 1 for grey
    record Shown(FloatTensor picture) implements Image {}

    /// An output that must not be delivered.
    ///
    /// @param code `DEGENERATE_OUTPUT` or `CONTENT_FILTERED`
    /// @param reason what is wrong with it, for people: what follows "output 1 …"
    record Withheld(FailureCode code, String reason) implements Image {
        /// An output that holds nothing.
        public static Withheld degenerate(String reason) {
            return new Withheld(FailureCode.DEGENERATE_OUTPUT, reason);
        }
    }
}
