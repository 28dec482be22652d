package dev.darkroom.worker.media;

/// Reads picture files that others made: PNG, JPEG and WebP, told by their first bytes and by
/// nothing else.
///
/// Gives what the reference's `load_image` gives (`utils/loading_utils.py`, on Pillow): the first
/// frame, turned as Exif says, as RGB; alpha is dropped, not blended. Colour profiles are not
/// applied. One thing is done better: of 16 bits of grey the upper 8 count, as of every other
/// picture of 16 bits, where Pillow cuts them at 255 and leaves white. Size limits are judged by
/// the header, before anything is decoded; a file that ends early or contradicts itself is refused.
///
/// Stateless and safe for any thread; decoding is long work for a processor.
public final class Pictures {
    private static final int SHOWN = 4;

    private Pictures() {}

    /// The picture of a file.
    ///
    /// @throws PictureRefusedException when it cannot be taken
    public static Picture decode(byte[] file, PictureLimits limits) {
        if (PngReader.matches(file)) {
            return PngReader.decode(file, limits);
        }
        if (JpegReader.matches(file)) {
            return JpegReader.decode(file, limits);
        }
        if (Riff.matches(file)) {
            return WebpReader.decode(file, limits);
        }
        throw PictureRefusedException.rejected(found(file), "a PNG, JPEG or WebP file");
    }

    private static String found(byte[] file) {
        if (file.length == 0) {
            return "an empty file";
        }
        StringBuilder bytes = new StringBuilder();
        for (int i = 0; i < Math.min(SHOWN, file.length); i++) {
            bytes.append(String.format(" %02x", file[i]));
        }
        return "a file that begins with the bytes" + bytes;
    }
}
