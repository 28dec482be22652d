package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A point in time as RFC 3339 writes it, with `Z` or an offset; written with `Z`.
public record MomentShape() implements Shape<Instant> {
    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59.999999999Z");

    @Override
    public @Nullable Instant read(JsonNode node, Reading at) {
        if (node.isTextual()) {
            try {
                Instant instant = Instant.parse(node.textValue());
                if (!instant.isBefore(FIRST) && !instant.isAfter(LAST)) {
                    return instant;
                }
            } catch (DateTimeException _) {
                // Not a time: refused below, like anything else that is none.
            }
        }
        at.refuse(node, legal());
        return null;
    }

    @Override
    public JsonNode write(Instant value) {
        return new TextNode(value.toString());
    }

    @Override
    public String legal() {
        return "an ISO-8601 time such as 2026-11-22T21:00:00Z";
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        return Json.object().put("type", "string").put("format", "date-time");
    }
}
