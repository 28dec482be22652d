package dev.darkroom.worker.media;

import dev.darkroom.worker.tensor.FloatTensor;

/// The frames of one video, decoded a few at a time, so that memory does not grow with their
/// number.
///
/// Owned by the job's thread, on which [#next] runs the decoder; valid as long as the job has its
/// model.
public interface Clip {
    /// Pixels.
    int width();

    /// Pixels.
    int height();

    /// How many frames it has, at least 1.
    int frames();

    /// Whether there are frames that [#next] has not given yet.
    boolean hasNext();

    /// Decodes the next frames, at least one, in order.
    ///
    /// @return `[k, H, W, 3]`, 0 to 1, not yet rounded; overwritten by the next call
    /// @throws DegenerateException when they hold what no player can show
    /// @throws java.util.NoSuchElementException when there are no more
    FloatTensor next();

    /// Frames that hold nothing that can be shown, also when they were decoded again with all that
    /// the model has for that.
    final class DegenerateException extends RuntimeException {
        private static final long serialVersionUID = 1;

        /// @param reason for people: what follows "output 1 …"
        public DegenerateException(String reason) {
            super(reason);
        }
    }
}
