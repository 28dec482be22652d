package dev.darkroom.worker.media;

import dev.darkroom.protocol.event.Artifact.Dimensions;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Kind;
import dev.darkroom.protocol.job.Output;
import dev.darkroom.protocol.job.OutputFormat;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Turns media into files.
///
/// Stateless and safe for any thread; encoding is long work for a processor, so it runs on threads
/// of its own, never on a job's virtual thread.
public final class Encoders {
    /// The quality of a lossy format when the job does not say.
    public static final int DEFAULT_QUALITY = 90;

    private Encoders() {}

    /// The format that a job gets: the one it asks for, or its kind's default.
    ///
    /// @param spec as far as its defaults are filled in
    /// @throws FailureException `UNSUPPORTED_PARAMETER` with every field of `output` that cannot be
    ///   honoured
    public static OutputFormat format(Spec spec, Output output) {
        List<Violation> violations = new ArrayList<>();
        OutputFormat format = output.format() == null ? OutputFormat.PNG : output.format();
        switch (format) {
            case PNG -> {
                if (output.quality() != null) {
                    violations.add(
                            new Violation(
                                    "output.quality",
                                    output.quality().toString(),
                                    "absent: png is lossless"));
                }
            }
            case JPEG -> atMost(violations, spec, format, Jpeg.SIDE);
            case WEBP -> atMost(violations, spec, format, Webp.SIDE);
            case WAV, FLAC, OPUS, MP3, MP4, WEBM, GIF, ANIMATED_WEBP, FRAMES_ZIP, FRAMES -> {
                // Refused below: no kind that these belong to is built.
            }
        }
        if (spec.kind() != Kind.IMAGE || format.kind() != Kind.IMAGE) {
            violations.add(
                    new Violation(
                            "output.format",
                            format.wireName(),
                            "png, jpeg or webp, for jobs of kind image; no other format is built"
                                    + " yet"));
        }
        if (output.sampleFormat() != null) {
            violations.add(
                    new Violation(
                            "output.sampleFormat",
                            output.sampleFormat().toString(),
                            "absent: it is for sound"));
        }
        if (!violations.isEmpty()) {
            throw new FailureException(Failure.of(FailureCode.UNSUPPORTED_PARAMETER, violations));
        }
        return format;
    }

    private static void atMost(
            List<Violation> violations, Spec spec, OutputFormat format, int side) {
        if (spec instanceof ImageSpec image) {
            Integer width = image.size().width();
            Integer height = image.size().height();
            if ((width != null && width > side) || (height != null && height > side)) {
                violations.add(
                        new Violation(
                                "output.format",
                                format.wireName() + " for " + width + " × " + height + " pixels",
                                format.wireName()
                                        + " up to "
                                        + side
                                        + " pixels on a side, or png"));
            }
        }
    }

    /// The files of all outputs that can be delivered, in order. One that is withheld has none: its
    /// index is missing.
    ///
    /// @throws FailureException as [#format] does; when no output is left, `CONTENT_FILTERED` if a
    ///   safety checker refused them all, else `DEGENERATE_OUTPUT`
    public static List<Encoded> encode(Media media, Output output, Provenance provenance) {
        OutputFormat format = format(provenance.parameters(), output);
        List<Encoded> files =
                switch (media) {
                    case Media.Images images -> files(images, format, output, provenance);
                    case Media.Sounds _, Media.Videos _ ->
                            throw new IllegalStateException(format + " was admitted for " + media);
                };
        if (files.isEmpty()) {
            throw new FailureException(nothing(media.withheld()));
        }
        return files;
    }

    private static Failure nothing(Map<Integer, Media.Withheld> withheld) {
        boolean filtered =
                withheld.values().stream()
                        .allMatch(output -> output.code() == FailureCode.CONTENT_FILTERED);
        List<String> reasons = new ArrayList<>();
        withheld.forEach((index, output) -> reasons.add("output " + index + " " + output.reason()));
        return Failure.of(
                filtered ? FailureCode.CONTENT_FILTERED : FailureCode.DEGENERATE_OUTPUT,
                "the model gave nothing that can be shown: " + String.join("; ", reasons));
    }

    private static List<Encoded> files(
            Media.Images images, OutputFormat format, Output output, Provenance provenance) {
        List<Encoded> files = new ArrayList<>();
        for (int i = 0; i < images.images().size(); i++) {
            switch (images.images().get(i)) {
                case Media.Withheld _ -> {
                    // Has no file.
                }
                case Media.Shown(FloatTensor picture) -> {
                    byte[] bytes = file(picture, i, format, output, provenance);
                    Dimensions dimensions =
                            new Dimensions(
                                    picture.shape().size(1), picture.shape().size(0), null, null);
                    Encoded.Kind kind = new Encoded.Kind(format.mediaType(), extension(format));
                    files.add(new Encoded(i, kind, bytes, dimensions));
                }
            }
        }
        return files;
    }

    private static byte[] file(
            FloatTensor picture,
            int index,
            OutputFormat format,
            Output output,
            Provenance provenance) {
        int quality = Objects.requireNonNullElse(output.quality(), DEFAULT_QUALITY);
        return switch (format) {
            case PNG -> Png.encode(picture, provenance.texts(index));
            case JPEG ->
                    Jpeg.encode(
                            Picture.of(picture),
                            quality,
                            provenance.exif(index),
                            provenance.xmp(index));
            case WEBP ->
                    Webp.encode(
                            Picture.of(picture),
                            quality,
                            provenance.exif(index),
                            provenance.xmp(index));
            case WAV, FLAC, OPUS, MP3, MP4, WEBM, GIF, ANIMATED_WEBP, FRAMES_ZIP, FRAMES ->
                    throw new IllegalStateException(format + " was admitted for a picture");
        };
    }

    /// The end of a file's name.
    private static String extension(OutputFormat format) {
        return format == OutputFormat.JPEG ? "jpg" : format.wireName();
    }
}
