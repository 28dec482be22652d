package dev.darkroom.protocol.job;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// The seed of a job's random numbers: an unsigned 64-bit integer.
///
/// @param bits the seed's 64 bits
public record Seed(long bits) {
    /// Parses a decimal number from 0 to 2^64 − 1.
    ///
    /// @throws NumberFormatException when it is anything else
    public static Seed of(String decimal) {
        return new Seed(Long.parseUnsignedLong(decimal));
    }

    /// The seed of a job that names none: the first eight bytes of SHA-256 over its id, so that
    /// every attempt draws the same.
    public static Seed derivedFrom(JobId id) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(id.value().getBytes(StandardCharsets.UTF_8));
            return new Seed(ByteBuffer.wrap(digest).getLong());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /// The seed of output `index`: this one plus `index`, modulo 2^64.
    public Seed plus(int index) {
        return new Seed(bits + index);
    }

    /// The decimal number, unsigned.
    @Override
    public String toString() {
        return Long.toUnsignedString(bits);
    }
}
