package dev.darkroom.protocol.job;

import java.util.regex.Pattern;

/// The name of a model in a lane's catalogue.
///
/// @param value 1 to 128 characters: letters, digits, `_`, `-` and, after the first, `.`
public record ModelId(String value) {
    /// What a name may look like.
    public static final Pattern LEGAL = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");

    /// Refuses anything else.
    public ModelId {
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "model is '" + value + "'; legal: " + LEGAL.pattern());
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
