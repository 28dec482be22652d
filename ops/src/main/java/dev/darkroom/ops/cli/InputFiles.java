package dev.darkroom.ops.cli;

import java.io.IOException;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Files of this machine that a job's inputs are to be, on their way to a bucket that workers read.
/// Their keys follow from their content, so the same file is the same object. Used by one thread.
final class InputFiles {
    private static final Pattern EXTENSION = Pattern.compile("\\.[A-Za-z0-9]{1,8}$");

    private final String bucket;
    private final Map<String, byte[]> files = new LinkedHashMap<>();

    /// No files yet.
    ///
    /// @param bucket where they go
    InputFiles(String bucket) {
        this.bucket = bucket;
    }

    /// The address of an input: what was written when it is one, else that of the object which the
    /// file of this name will be.
    ///
    /// @param option that names it, for messages
    /// @throws CommandException when it is neither
    String address(String option, String written) {
        if (written.startsWith("s3://") || written.startsWith("https://")) {
            return written;
        }
        try {
            byte[] content = Files.readAllBytes(Path.of(written));
            Matcher extension = EXTENSION.matcher(written);
            String end = extension.find() ? extension.group().toLowerCase(Locale.ROOT) : "";
            String key = "inputs/" + Downloads.sha256(content) + end;
            files.put(key, content);
            return "s3://" + bucket + "/" + key;
        } catch (IOException e) {
            throw refused(option, written, Reason.of(e), e);
        } catch (InvalidPathException e) {
            throw refused(option, written, "it is no path", e);
        }
    }

    private static CommandException refused(
            String option, String written, String reason, Exception cause) {
        return new CommandException(
                Exit.USAGE,
                option
                        + " is "
                        + written
                        + ", which cannot be read: "
                        + reason
                        + "; legal: a file, s3://bucket/key or a presigned https:// address",
                cause);
    }

    /// Whether there are none.
    boolean isEmpty() {
        return files.isEmpty();
    }

    /// Puts all of them into the bucket.
    ///
    /// @throws CommandException when the store does not take them
    void upload(StoreClient store) {
        files.forEach((key, content) ->
                store.write(
                        "s3://" + bucket + "/" + key,
                        content,
                        Objects.requireNonNullElse(
                                URLConnection.guessContentTypeFromName(key),
                                "application/octet-stream")));
    }
}
