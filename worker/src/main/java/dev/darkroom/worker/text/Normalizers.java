package dev.darkroom.worker.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.text.Normalizer;
import java.util.Base64;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `tokenizer.json` says is done to a text before it is divided: its `normalizer`.
final class Normalizers {
    private static final String TYPE = "type";
    private static final List<String> TYPES =
            List.of("Sequence", "Precompiled", "NFC", "NFD", "NFKC", "NFKD", "Strip", "Replace");

    /// Expressions that mean the same to the reference's engine and to Java's.
    private static final List<String> EXPRESSIONS = List.of(" {2,}", " +", "\\s+");

    private static final Pattern START = unicode("^\\s+");
    private static final Pattern END = unicode("\\s+$");

    private Normalizers() {}

    /// The normalizer of this description; an absent one does nothing.
    ///
    /// @throws TokenizerException for what is not built
    static UnaryOperator<String> of(JsonNode description) {
        if (description.isMissingNode() || description.isNull()) {
            return UnaryOperator.identity();
        }
        String type = description.path(TYPE).asText();
        return switch (type) {
            case "Sequence" -> sequence(description.path("normalizers"));
            case "Precompiled" -> charsmap(description);
            case "NFC" -> form(Normalizer.Form.NFC);
            case "NFD" -> form(Normalizer.Form.NFD);
            case "NFKC" -> form(Normalizer.Form.NFKC);
            case "NFKD" -> form(Normalizer.Form.NFKD);
            case "Strip" -> strip(description);
            case "Replace" -> replace(description);
            default -> throw refusal("normalizer", type, TYPES);
        };
    }

    /// The character map in this description, or in one of the sequence that it is; nothing is done
    /// where there is none. It is all that a T5 tokenizer takes from the file.
    static UnaryOperator<String> charsmapOf(JsonNode description) {
        for (JsonNode inner : description.path("normalizers")) {
            if (inner.path(TYPE).asText().equals("Precompiled")) {
                return charsmap(inner);
            }
        }
        boolean charsmap = description.path(TYPE).asText().equals("Precompiled");
        return charsmap ? charsmap(description) : UnaryOperator.identity();
    }

    /// Says that a field has a value that is not built.
    static TokenizerException refusal(String field, String value, List<String> legal) {
        return new TokenizerException(
                TokenizerFiles.TOKENIZER
                        + " has the "
                        + field
                        + " '"
                        + value
                        + "'; legal: "
                        + String.join(", ", legal));
    }

    private static UnaryOperator<String> sequence(JsonNode descriptions) {
        UnaryOperator<String> all = UnaryOperator.identity();
        for (JsonNode description : descriptions) {
            UnaryOperator<String> first = all;
            UnaryOperator<String> next = of(description);
            all = text -> next.apply(first.apply(text));
        }
        return all;
    }

    private static UnaryOperator<String> charsmap(JsonNode description) {
        String map = description.path("precompiled_charsmap").asText("");
        if (map.isEmpty()) {
            return UnaryOperator.identity();
        }
        try {
            return new Charsmap(Base64.getDecoder().decode(map));
        } catch (IllegalArgumentException e) {
            throw new TokenizerException("precompiled_charsmap is not base64", e);
        }
    }

    private static UnaryOperator<String> form(Normalizer.Form form) {
        return text -> Normalizer.normalize(text, form);
    }

    private static UnaryOperator<String> strip(JsonNode description) {
        boolean left = description.path("strip_left").asBoolean(false);
        boolean right = description.path("strip_right").asBoolean(false);
        return text -> {
            String stripped = left ? START.matcher(text).replaceFirst("") : text;
            return right ? END.matcher(stripped).replaceFirst("") : stripped;
        };
    }

    private static UnaryOperator<String> replace(JsonNode description) {
        String content = Matcher.quoteReplacement(description.path("content").asText());
        JsonNode pattern = description.path("pattern");
        String expression = pattern.path("Regex").asText();
        if (pattern.has("String")) {
            expression = Pattern.quote(pattern.path("String").asText());
        } else if (!EXPRESSIONS.contains(expression)) {
            throw refusal("normalizer's expression", expression, EXPRESSIONS);
        }
        Pattern compiled = unicode(expression);
        return text -> compiled.matcher(text).replaceAll(content);
    }

    private static Pattern unicode(String expression) {
        return Pattern.compile(expression, Pattern.UNICODE_CHARACTER_CLASS);
    }
}
