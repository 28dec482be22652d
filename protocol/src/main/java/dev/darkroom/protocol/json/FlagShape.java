package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/// `true` or `false`.
public record FlagShape() implements Shape<Boolean> {
    @Override
    public @Nullable Boolean read(JsonNode node, Reading at) {
        if (node.isBoolean()) {
            return node.booleanValue();
        }
        at.refuse(node, legal());
        return null;
    }

    @Override
    public JsonNode write(Boolean value) {
        return BooleanNode.valueOf(value);
    }

    @Override
    public String legal() {
        return "true or false";
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        return Json.object().put("type", "boolean");
    }
}
