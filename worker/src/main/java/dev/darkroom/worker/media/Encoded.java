package dev.darkroom.worker.media;

import dev.darkroom.protocol.event.Artifact.Dimensions;

/// One output as a file.
///
/// Owns its bytes: nobody changes them.
public final class Encoded {
    private final int index;
    private final String mediaType;
    private final String extension;
    private final byte[] bytes;
    private final Dimensions dimensions;

    /// A file; the bytes are not copied.
    Encoded(int index, Kind kind, byte[] bytes, Dimensions dimensions) {
        this.index = index;
        this.mediaType = kind.mediaType();
        this.extension = kind.extension();
        this.bytes = bytes;
        this.dimensions = dimensions;
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

    /// How large or long it is.
    public Dimensions dimensions() {
        return dimensions;
    }
}
