package dev.darkroom.protocol.json;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/// The nearest of several names to one that was mistyped.
final class Nearest {
    private static final int LONGEST = 64;

    private Nearest() {}

    /// The known name with the fewest edits between, upper and lower case being equal, when a third
    /// of the letters or fewer (and at least two) would change; the first of several.
    static Optional<String> to(String name, Collection<String> known) {
        if (name.length() > LONGEST) {
            return Optional.empty();
        }
        int allowed = Math.max(2, name.length() / 3);
        return known.stream()
                .filter(k -> edits(name, k) <= Math.min(allowed, k.length() - 1))
                .min(Comparator.comparingInt((String k) -> edits(name, k)));
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one name into the
    /// other (optimal string alignment).
    private static int edits(String from, String to) {
        String a = from.toLowerCase(Locale.ROOT);
        String b = to.toLowerCase(Locale.ROOT);
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                cost[i][j] = Math.min(replace, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
                if (i > 1
                        && j > 1
                        && a.charAt(i - 1) == b.charAt(j - 2)
                        && a.charAt(i - 2) == b.charAt(j - 1)) {
                    cost[i][j] = Math.min(cost[i][j], 1 + cost[i - 2][j - 2]);
                }
            }
        }
        return cost[a.length()][b.length()];
    }
}
