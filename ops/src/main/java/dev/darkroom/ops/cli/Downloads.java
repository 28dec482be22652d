package dev.darkroom.ops.cli;

import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.JobEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The files that a completed job left, brought from the object store to this machine.
///
/// @param outputs the file of each stored output, by the output's index
/// @param manifest the file of the manifest
record Downloads(SortedMap<Integer, Path> outputs, Path manifest) {
    /// Brings a job's outputs and manifest into a folder named like the job, inside `folder`.
    ///
    /// @throws CommandException when the store does not give them, one is not what its sha256 says,
    ///   or the folder cannot be written
    static Downloads fetch(StoreClient store, JobEvent.Completed completed, Path folder) {
        Path here = folder.resolve(completed.header().job().value());
        SortedMap<Integer, Path> outputs = new TreeMap<>();
        for (Artifact artifact : completed.artifacts()) {
            if (artifact instanceof Artifact.Stored(int index, _, var object, _)) {
                byte[] content = store.read(object.uri());
                if (!sha256(content).equals(object.sha256())) {
                    throw new CommandException(
                            Exit.FAILED,
                            object.uri()
                                    + " has the sha256 "
                                    + sha256(content)
                                    + "; its event says "
                                    + object.sha256());
                }
                outputs.put(index, write(here, name(object.uri()), content));
            }
        }
        String manifest = completed.manifest();
        return new Downloads(outputs, write(here, name(manifest), store.read(manifest)));
    }

    /// All of them, the manifest last.
    List<Path> all() {
        return Stream.concat(outputs.values().stream(), Stream.of(manifest)).toList();
    }

    private static Path write(Path folder, String name, byte[] content) {
        try {
            Files.createDirectories(folder);
            return Files.write(folder.resolve(name), content);
        } catch (IOException e) {
            throw new CommandException(
                    Exit.ENVIRONMENT,
                    folder.resolve(name) + " cannot be written: " + Reason.of(e),
                    e);
        }
    }

    private static String name(String uri) {
        return uri.substring(uri.lastIndexOf('/') + 1);
    }

    /// The digest of a content, in hexadecimal digits.
    static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
