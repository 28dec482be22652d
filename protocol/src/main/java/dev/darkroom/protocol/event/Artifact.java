package dev.darkroom.protocol.event;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.job.Seed;
import org.jspecify.annotations.Nullable;

/// One output of a job.
public sealed interface Artifact {
    /// Index of the output, from 0.
    int index();

    /// Seed of this output: the job's plus the index.
    Seed seed();

    /// An output that is stored.
    ///
    /// @param index from 0
    /// @param seed of this output
    /// @param object the stored object
    /// @param dimensions how large or long it is
    record Stored(int index, Seed seed, StoredObject object, Dimensions dimensions)
            implements Artifact {}

    /// An output that was not delivered while others were.
    ///
    /// @param index from 0
    /// @param seed of this output
    /// @param code `DEGENERATE_OUTPUT` or `CONTENT_FILTERED`
    /// @param reason what is wrong with it and what was tried, for people: what follows "output 1
    ///   …"; empty from workers that did not say it yet
    record Withheld(int index, Seed seed, FailureCode code, String reason) implements Artifact {}

    /// An object in the store.
    ///
    /// @param uri `s3://bucket/key`
    /// @param mediaType MIME type
    /// @param bytes length
    /// @param sha256 digest of the content, 64 hexadecimal digits
    record StoredObject(String uri, String mediaType, long bytes, String sha256) {}

    /// How large or long an output is; the fields that its kind has.
    ///
    /// @param width pixels of a picture or frame
    /// @param height pixels of a picture or frame
    /// @param seconds length in time
    /// @param frames of a video
    record Dimensions(
            @Nullable Integer width,
            @Nullable Integer height,
            @Nullable Double seconds,
            @Nullable Integer frames) {}
}
