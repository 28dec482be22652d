package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An array of like values.
///
/// @param element each of them
/// @param most elements at most
public record ListShape<T>(Shape<T> element, int most) implements Shape<List<T>> {
    @Override
    public @Nullable List<T> read(JsonNode node, Reading at) {
        if (!node.isArray() || node.size() > most) {
            at.refuse(node, legal());
            return null;
        }
        int before = at.count();
        List<T> values = new ArrayList<>();
        for (int i = 0; i < node.size(); i++) {
            T value = element.read(node.get(i), at.at(i));
            if (value != null) {
                values.add(value);
            }
        }
        return at.count() == before ? values : null;
    }

    @Override
    public JsonNode write(List<T> value) {
        ArrayNode array = Json.array();
        value.forEach(v -> array.add(element.write(v)));
        return array;
    }

    @Override
    public String legal() {
        return "an array"
                + (most == Integer.MAX_VALUE ? "" : " of at most " + most)
                + ", each "
                + element.legal();
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        ObjectNode schema = Json.object().put("type", "array");
        if (most != Integer.MAX_VALUE) {
            schema.put("maxItems", most);
        }
        schema.set("items", element.schema(unknown));
        return schema;
    }
}
