package dev.darkroom.protocol.job;

import java.time.InstantSource;
import java.util.UUID;
import java.util.regex.Pattern;

/// The name of a job, chosen by its submitter: the idempotency key, the record key, and a part of
/// every object key.
///
/// @param value 1 to 128 characters: letters, digits, `_`, `-` and, after the first, `.`
public record JobId(String value) {
    /// What an id may look like.
    public static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");

    /// Refuses anything else.
    public JobId {
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "job id is '" + value + "'; legal: " + LEGAL.pattern());
        }
    }

    /// A new id that nobody else has: a UUID of version 7 (RFC 9562, section 5.7), whose text sorts
    /// by the time of its making.
    public static JobId fresh(InstantSource clock) {
        // A random UUID (version 4) has its random bits where version 7 has them too, after the 48
        // bits of the time.
        UUID random = UUID.randomUUID();
        long time = clock.millis() << 16;
        long versionAndRandom = 0x7000 | (random.getMostSignificantBits() & 0x0fff);
        return new JobId(
                new UUID(time | versionAndRandom, random.getLeastSignificantBits()).toString());
    }

    @Override
    public String toString() {
        return value;
    }
}
