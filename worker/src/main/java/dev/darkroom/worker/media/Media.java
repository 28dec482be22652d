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

    /// Sound.
    ///
    /// @param sounds one per output
    record Sounds(List<Sound> sounds) implements Media {
        /// Copies the list.
        public Sounds {
            sounds = List.copyOf(sounds);
        }

        @Override
        public List<Sound> outputs() {
            return sounds;
        }
    }

    /// Frames in time.
    ///
    /// @param videos one per output
    record Videos(List<Video> videos) implements Media {
        /// Copies the list.
        public Videos {
            videos = List.copyOf(videos);
        }

        @Override
        public List<Video> outputs() {
            return videos;
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

    /// One output of an audio job.
    sealed interface Sound extends Made {}

    /// A sound that can be delivered.
    ///
    /// @param waveform `[channels, samples]`, about −1 to 1
    /// @param sampleRate samples per second of each channel
    record Heard(FloatTensor waveform, int sampleRate) implements Sound {}

    /// One output of a video job.
    sealed interface Video extends Made {}

    /// A video that can be delivered as far as is known before its frames are decoded.
    ///
    /// @param clip its frames
    record Played(Clip clip) implements Video {}

    /// An output that must not be delivered.
    ///
    /// @param code `DEGENERATE_OUTPUT` or `CONTENT_FILTERED`
    /// @param reason what is wrong with it, for people: what follows "output 1 …"
    record Withheld(FailureCode code, String reason) implements Image, Sound, Video {
        /// An output that holds nothing.
        public static Withheld degenerate(String reason) {
            return new Withheld(FailureCode.DEGENERATE_OUTPUT, reason);
        }
    }
}
