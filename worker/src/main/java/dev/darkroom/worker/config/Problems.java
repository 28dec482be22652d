package dev.darkroom.worker.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Everything found wrong with a configuration, gathered so that one start shows all of it. Owned
/// by the thread that reads the configuration.
public final class Problems {
    private final List<String> messages = new ArrayList<>();

    /// Adds one; the message names the key, the value and what is legal.
    public void add(String message) {
        messages.add(message);
    }

    /// All of them, in the order they were found.
    public List<String> messages() {
        return List.copyOf(messages);
    }

    /// Ends the start if there are any.
    ///
    /// @throws ConfigException with every message
    public void throwIfAny() {
        if (!messages.isEmpty()) {
            throw new ConfigException(messages);
        }
    }

    /// The known name nearest to `unknown`, unless all are too far from it to be meant.
    public static Optional<String> nearest(String unknown, Collection<String> known) {
        int tolerance = Math.max(2, unknown.length() / 3);
        return known.stream()
                .filter(name -> distance(unknown, name) <= tolerance)
                .min(Comparator.comparingInt(name -> distance(unknown, name)));
    }

    /// Levenshtein's distance, blind to case.
    private static int distance(String left, String right) {
        int[] above = new int[right.length() + 1];
        for (int j = 0; j < above.length; j++) {
            above[j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            int[] row = new int[right.length() + 1];
            row[0] = i;
            char one = Character.toLowerCase(left.charAt(i - 1));
            for (int j = 1; j <= right.length(); j++) {
                int swap = one == Character.toLowerCase(right.charAt(j - 1)) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], above[j]) + 1, above[j - 1] + swap);
            }
            above = row;
        }
        return above[right.length()];
    }
}
