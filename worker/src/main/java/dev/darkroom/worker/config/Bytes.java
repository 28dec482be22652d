package dev.darkroom.worker.config;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An amount of memory.
///
/// @param count bytes, 0 or more
public record Bytes(long count) {
    private static final Pattern WRITTEN =
            Pattern.compile("(\\d{1,12})\\s*(B|KB|MB|GB|KIB|MIB|GIB)?");

    /// Refuses a negative amount.
    public Bytes {
        if (count < 0) {
            throw new IllegalArgumentException("bytes are " + count + "; legal: 0 or more");
        }
    }

    /// Parses a number and a unit, for example `512MiB` or `2 GB`; without a unit, bytes.
    ///
    /// @throws IllegalArgumentException when it is anything else
    public static Bytes of(String written) {
        Matcher matcher = WRITTEN.matcher(written.strip().toUpperCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'" + written + "' is no amount of memory; legal: for example 512MiB or 2GB");
        }
        String unit = matcher.group(2) == null ? "B" : matcher.group(2);
        long factor =
                switch (unit) {
                    case "KB" -> 1_000L;
                    case "MB" -> 1_000_000L;
                    case "GB" -> 1_000_000_000L;
                    case "KIB" -> 1L << 10;
                    case "MIB" -> 1L << 20;
                    case "GIB" -> 1L << 30;
                    default -> 1L;
                };
        return new Bytes(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
    }

    /// In the largest unit that divides it, for example `2GiB`.
    @Override
    public String toString() {
        if (count > 0 && count % (1L << 30) == 0) {
            return (count >> 30) + "GiB";
        }
        if (count > 0 && count % (1L << 20) == 0) {
            return (count >> 20) + "MiB";
        }
        return count + "B";
    }
}
