package dev.darkroom.protocol.event;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.regex.Pattern;

/// The name of one run of a job: what one worker makes of one delivery of its record. No two runs
/// share one, and a run that began later sorts after those before it.
///
/// Attempts and hand-backs cannot tell runs apart: a worker that is killed leaves both as they were
/// to the next one. Neither can the broker's count of deliveries, which a broker may forget, and
/// which begins anew where a job was submitted twice. The order needs clocks that agree to within a
/// record's lock, since the next run begins when the lock of the one before has ended.
///
/// @param value 1 to 64 characters: digits, lower case letters and `-`
public record RunId(String value) implements Comparable<RunId> {
    /// What a run's name may look like.
    public static final Pattern LEGAL = Pattern.compile("[0-9a-z-]{1,64}");

    private static final SecureRandom RANDOM = new SecureRandom();

    /// Refuses what is not legal.
    public RunId {
        if (!LEGAL.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "run is '" + value + "'; legal: 1 to 64 of 0-9, a-z and -");
        }
    }

    /// A run that begins now: its time in milliseconds, of 48 bits as in a UUID of version 7, and
    /// 48 random bits, in hexadecimal digits.
    public static RunId fresh(InstantSource clock) {
        HexFormat hex = HexFormat.of();
        return new RunId(
                hex.toHexDigits(clock.millis(), 12) + hex.toHexDigits(RANDOM.nextLong(), 12));
    }

    @Override
    public int compareTo(RunId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
