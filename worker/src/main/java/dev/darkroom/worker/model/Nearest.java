package dev.darkroom.worker.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/// Orders the names that somebody may have meant.
final class Nearest {
    private Nearest() {}

    /// The known names, those that take the fewest edits to reach from `name` first, then in
    /// alphabetical order.
    static List<String> first(String name, Collection<String> known) {
        return known.stream()
                .sorted(
                        Comparator.comparingInt((String other) -> edits(name, other))
                                .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    /// Insertions, deletions and replacements that turn one name into the other (Levenshtein).
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int corner = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = corner + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                corner = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
