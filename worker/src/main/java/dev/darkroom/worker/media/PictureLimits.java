package dev.darkroom.worker.media;

/// How large a picture may be, judged by what its file says before any pixel is decoded.
///
/// @param side pixels of the longer side
/// @param pixels in all
public record PictureLimits(int side, long pixels) {
    /// Refuses a picture of this size when it is too large or has no pixel.
    ///
    /// @throws PictureRefusedException saying so
    void check(int width, int height) {
        if (width < 1 || height < 1) {
            throw PictureRefusedException.rejected(
                    "a picture of " + width + " × " + height + " pixels", "at least 1 × 1");
        }
        if (width > side || height > side) {
            throw PictureRefusedException.tooLarge(
                    "a picture of " + width + " × " + height + " pixels",
                    "at most " + side + " on a side");
        }
        if ((long) width * height > pixels) {
            throw PictureRefusedException.tooLarge(
                    "a picture of " + width + " × " + height + " pixels",
                    "at most " + pixels + " pixels");
        }
    }
}
