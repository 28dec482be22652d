package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.darkroom.protocol.failure.Violation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/// One reading of a document: where in it the reader is, and all that was found wrong so far. Used
/// by one thread.
public final class Reading {
    /// Violations that are reported of one document; any further ones are only counted.
    public static final int MOST_VIOLATIONS = 100;

    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final int LONGEST_VALUE = 80;

    private final Findings findings;
    private final UnknownFields unknown;
    private final String path;

    private Reading(Findings findings, UnknownFields unknown, String path) {
        this.findings = findings;
        this.unknown = unknown;
        this.path = path;
    }

    /// The start of a document.
    public static Reading of(UnknownFields unknown) {
        return new Reading(new Findings(), unknown, "");
    }

    /// The same reading at a field of the object read here.
    public Reading at(String field) {
        String name = PLAIN_NAME.matcher(field).matches() ? field : shorten(quote(field));
        return new Reading(findings, unknown, path.isEmpty() ? name : path + "." + name);
    }

    /// The same reading at an element of the array read here.
    public Reading at(int index) {
        return new Reading(findings, unknown, path + "[" + index + "]");
    }

    /// The same reading at a value whose parts are known by their own paths, wherever it lies: of a
    /// job within an envelope, a violation names `spec.width`.
    public Reading atRoot() {
        return new Reading(findings, unknown, "");
    }

    /// The same reading of an object that others may add fields to.
    public Reading passingOver() {
        return new Reading(findings, UnknownFields.IGNORED, path);
    }

    /// The path of the value read here; empty for the document as a whole.
    public String path() {
        return path;
    }

    /// What becomes of fields that a table does not know.
    public UnknownFields unknownFields() {
        return unknown;
    }

    /// How many violations there are so far.
    public int count() {
        return findings.count;
    }

    /// Everything found so far, in the order of the document's tables. When there is more than
    /// [#MOST_VIOLATIONS], the last entry says how much.
    public List<Violation> violations() {
        List<Violation> all = new ArrayList<>(findings.listed);
        if (findings.count > all.size()) {
            all.add(
                    new Violation(
                            "the rest",
                            (findings.count - all.size()) + " more violations",
                            "none"));
        }
        return List.copyOf(all);
    }

    /// Reports a value that is not legal here.
    public void refuse(JsonNode value, String legal) {
        findings.add(new Violation(named(), show(value), legal));
    }

    /// Reports that the value here is missing.
    public void missing(String legal) {
        findings.add(new Violation(named(), "", legal));
    }

    /// Reports a field that the table does not know, with the nearest of the names that it does.
    void unknown(String field, Collection<String> known) {
        if (findings.full()) {
            findings.count++;
            return;
        }
        String prefix = path.isEmpty() ? "" : path + ".";
        String hint =
                Nearest.to(field, known)
                        .map(near -> "did you mean " + prefix + near + "?")
                        .orElseGet(() -> "known here: " + String.join(", ", known));
        findings.add(Violation.unknown(at(field).path(), hint));
    }

    private String named() {
        return path.isEmpty() ? "the document" : path;
    }

    private static String show(JsonNode value) {
        if (value.isObject()) {
            return "an object";
        }
        if (value.isArray()) {
            return "an array of " + value.size();
        }
        return shorten(value.isTextual() ? quote(value.textValue()) : value.toString());
    }

    private static String quote(String text) {
        String start =
                text.length() > LONGEST_VALUE * 2 ? text.substring(0, LONGEST_VALUE * 2) : text;
        return new TextNode(Texts.printable(start)).toString();
    }

    private static String shorten(String text) {
        return text.length() <= LONGEST_VALUE
                ? text
                : text.substring(0, text.offsetByCodePoints(0, LONGEST_VALUE - 10)) + "…";
    }

    /// What one document's readers have found together.
    private static final class Findings {
        private final List<Violation> listed = new ArrayList<>();
        private int count;

        void add(Violation violation) {
            if (!full()) {
                listed.add(violation);
            }
            count++;
        }

        boolean full() {
            return listed.size() >= MOST_VIOLATIONS;
        }
    }
}
