package dev.darkroom.protocol.failure;

import java.util.List;

/// One thing that is wrong with one field.
///
/// @param field path of the field in the job, for example `spec.width`
/// @param value the offending value as written, shortened when long; empty when the field is
///   missing
/// @param legal what would have been legal, for example `a multiple of 8 from 64 to 2048`
public record Violation(String field, String value, String legal) {
    private static final String NOT_KNOWN = "not known";

    /// A field that nobody reads.
    ///
    /// @param hint what the submitter may have meant, for example `did you mean spec.prompt?`
    public static Violation unknown(String field, String hint) {
        return new Violation(field, NOT_KNOWN, hint);
    }

    /// Whether this is about a field that nobody reads, of which no value is told.
    public boolean isOfUnknownField() {
        return value.equals(NOT_KNOWN);
    }

    /// The messages of several, as sentences in one line.
    public static String messages(List<Violation> violations) {
        return sentences(violations.stream().map(Violation::message).toList());
    }

    /// Messages as sentences in one line; the last one has no full stop.
    public static String sentences(List<String> messages) {
        StringBuilder line = new StringBuilder();
        for (String message : messages) {
            if (!line.isEmpty()) {
                boolean ended = line.charAt(line.length() - 1) == '?';
                line.append(ended ? " " : ". ");
            }
            line.append(message);
        }
        return line.toString();
    }

    /// For example `spec.width is 63; legal: a multiple of 8 from 64 to 2048`.
    public String message() {
        if (isOfUnknownField()) {
            return field + " is not known; " + legal;
        }
        return field + (value.isEmpty() ? " is missing" : " is " + value) + "; legal: " + legal;
    }
}
