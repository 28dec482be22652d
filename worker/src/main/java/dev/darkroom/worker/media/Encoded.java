package dev.darkroom.worker.media;

/// One output as a file.
///
/// Owns its bytes: nobody changes them.
public final class Encoded {
    private final int index;
    private final String mediaType;
    private final String extension;
    private final byte[] bytes;
    private final int width;
    private final int height;

    /// A picture's file; the bytes are not copied.
    Encoded(int index, Kind kind, byte[] bytes, int width, int height) {
        this.index = index;
        this.mediaType = kind.mediaType();
        this.extension = kind.extension();
        this.bytes = bytes;
        this.width = width;
        this.height = height;
    }

    /// What kind of file it is.
    ///
    /// @param mediaType MIME type
    /// @param extension the end of a file's name, without the dot
    record Kind(String mediaType, String extension) {}

    /// Which output of the job it is, from 0.
    public int index() {
        return index;
    }

    /// MIME type, for example `image/png`.
    public String mediaType() {
        return mediaType;
    }

    /// The end of a file's name, without the dot, for example `png`.
    public String extension() {
        return extension;
    }

    /// The file; not a copy.
    public byte[] bytes() {
        return bytes;
    }

    /// Pixels.
    public int width() {
        return width;
    }

    /// Pixels.
    public int height() {
        return height;
    }
}
