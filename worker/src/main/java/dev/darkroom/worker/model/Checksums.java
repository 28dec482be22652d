package dev.darkroom.worker.model;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// SHA-256 over files.
final class Checksums {
    private Checksums() {}

    /// The digest of every file, 64 hexadecimal digits, by path.
    static SortedMap<String, String> of(Path folder, Iterable<String> paths) throws IOException {
        SortedMap<String, String> digests = new TreeMap<>();
        for (String path : paths) {
            MessageDigest digest = sha256();
            try (InputStream in =
                    new DigestInputStream(Files.newInputStream(folder.resolve(path)), digest)) {
                in.transferTo(OutputStream.nullOutputStream());
            }
            digests.put(path, HexFormat.of().formatHex(digest.digest()));
        }
        return digests;
    }

    /// One digest over many: `sha256:` and that of the lines `<digest> <path>`, sorted by path, as
    /// the command `sha256sum` prints them.
    static String over(SortedMap<String, String> digests) {
        MessageDigest digest = sha256();
        for (Map.Entry<String, String> file : digests.entrySet()) {
            String line = file.getValue() + "  " + file.getKey() + "\n";
            digest.update(line.getBytes(StandardCharsets.UTF_8));
        }
        return "sha256:" + HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
