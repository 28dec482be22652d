package dev.darkroom.protocol.job;

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

    @Override
    public String toString() {
        return value;
    }
}
