package dev.darkroom.protocol.job;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// How outputs are encoded.
public enum OutputFormat {
    PNG(Kind.IMAGE, "image/png"),
    JPEG(Kind.IMAGE, "image/jpeg"),
    WEBP(Kind.IMAGE, "image/webp"),
    WAV(Kind.AUDIO, "audio/wav"),
    FLAC(Kind.AUDIO, "audio/flac"),
    OPUS(Kind.AUDIO, "audio/ogg"),
    MP3(Kind.AUDIO, "audio/mpeg"),
    MP4(Kind.VIDEO, "video/mp4"),
    WEBM(Kind.VIDEO, "video/webm"),
    GIF(Kind.VIDEO, "image/gif"),
    ANIMATED_WEBP(Kind.VIDEO, "image/webp"),
    FRAMES_ZIP(Kind.VIDEO, "application/zip"),
    FRAMES(Kind.VIDEO, "image/png");

    private final Kind kind;
    private final String mediaType;

    OutputFormat(Kind kind, String mediaType) {
        this.kind = kind;
        this.mediaType = mediaType;
    }

    /// The kind of media that it holds.
    public Kind kind() {
        return kind;
    }

    /// The MIME type of the objects.
    public String mediaType() {
        return mediaType;
    }

    /// The name in a job: `png`, `frames-zip`, …; a video's `webp` is animated.
    public String wireName() {
        return this == ANIMATED_WEBP ? "webp" : name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The format of this name for this kind of media.
    public static Optional<OutputFormat> of(Kind kind, String wireName) {
        return Arrays.stream(values())
                .filter(f -> f.kind == kind && f.wireName().equals(wireName))
                .findFirst();
    }
}
