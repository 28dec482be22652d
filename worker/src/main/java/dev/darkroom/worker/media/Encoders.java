package dev.darkroom.worker.media;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.Kind;
import dev.darkroom.protocol.job.Output;
import dev.darkroom.protocol.job.OutputFormat;
import dev.darkroom.worker.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Turns media into files.
///
/// Stateless and safe for any thread; encoding is long work for a processor, so it runs on threads
/// of its own, never on a job's virtual thread.
public final class Encoders {
    private static final Encoded.Kind PNG = new Encoded.Kind(OutputFormat.PNG.mediaType(), "png");

    private Encoders() {}

    /// The format that a job of this kind gets: the one it asks for, or the kind's default.
    ///
    /// @throws FailureException `UNSUPPORTED_PARAMETER` with every field of `output` that cannot be
    ///   honoured
    public static OutputFormat format(Kind kind, Output output) {
        List<Violation> violations = new ArrayList<>();
        OutputFormat format = output.format() == null ? OutputFormat.PNG : output.format();
        if (kind != Kind.IMAGE || format != OutputFormat.PNG) {
            violations.add(
                    new Violation(
                            "output.format",
                            format.wireName(),
                            "png, for jobs of kind image; no other format is built yet"));
        }
        if (output.quality() != null) {
            violations.add(
                    new Violation(
                            "output.quality",
                            output.quality().toString(),
                            "absent: png is lossless"));
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

    /// The files of all outputs that can be delivered, in order. A degenerate output (see
    /// [Degeneracy]) has none: its index is missing.
    ///
    /// @throws FailureException as [#format] does; `DEGENERATE_OUTPUT` when no output is left
    public static List<Encoded> encode(Media media, Output output, Provenance provenance) {
        return switch (media) {
            case Media.Images images -> {
                format(Kind.IMAGE, output);
                yield pngs(images, provenance);
            }
        };
    }

    private static List<Encoded> pngs(Media.Images images, Provenance provenance) {
        List<Encoded> files = new ArrayList<>();
        List<String> reasons = new ArrayList<>();
        for (int i = 0; i < images.pictures().size(); i++) {
            FloatTensor picture = images.pictures().get(i);
            Optional<String> reason = Degeneracy.of(picture);
            if (reason.isPresent()) {
                reasons.add("output " + i + " " + reason.get());
                continue;
            }
            byte[] bytes = Png.encode(picture, provenance.texts(i));
            int height = picture.shape().size(0);
            int width = picture.shape().size(1);
            files.add(new Encoded(i, PNG, bytes, width, height));
        }
        if (files.isEmpty()) {
            throw new FailureException(
                    Failure.of(
                            FailureCode.DEGENERATE_OUTPUT,
                            "the model gave nothing that can be shown: "
                                    + String.join("; ", reasons)));
        }
        return files;
    }
}
