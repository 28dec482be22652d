package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Text: a JSON string without NUL or half surrogate pairs.
///
/// @param longest characters (Unicode code points) at most
/// @param pattern what the whole text must match; absent: anything
/// @param legal what is legal, for a person
public record TextShape(int longest, @Nullable Pattern pattern, String legal)
        implements Shape<String> {
    /// Any text, bounded only by the size of the record.
    public static final TextShape ANY =
            new TextShape(
                    Integer.MAX_VALUE, null, "text without NUL or unpaired surrogate characters");

    /// Text of bounded length.
    public static TextShape upTo(int longest) {
        return new TextShape(
                longest,
                null,
                "text of at most "
                        + longest
                        + " characters without NUL or unpaired surrogate characters");
    }

    /// Text that matches a pattern as a whole.
    public static TextShape matching(Pattern pattern, int longest) {
        return new TextShape(
                longest, pattern, "at most " + longest + " characters like " + pattern.pattern());
    }

    @Override
    public @Nullable String read(JsonNode node, Reading at) {
        if (node.isTextual()) {
            String text = node.textValue();
            if (text.codePointCount(0, text.length()) <= longest
                    && Texts.legal(text)
                    && (pattern == null || pattern.matcher(text).matches())) {
                return text;
            }
        }
        at.refuse(node, legal);
        return null;
    }

    @Override
    public JsonNode write(String value) {
        return new TextNode(value);
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        ObjectNode schema = Json.object().put("type", "string");
        if (longest != Integer.MAX_VALUE) {
            schema.put("maxLength", longest);
        }
        if (pattern != null) {
            schema.put("pattern", "^(?:" + pattern.pattern() + ")$");
        }
        return schema;
    }
}
