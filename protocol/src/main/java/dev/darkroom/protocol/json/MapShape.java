package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An object whose names are free; written in the order of the names.
///
/// @param key each name
/// @param value each value
/// @param most entries at most
public record MapShape<T>(TextShape key, Shape<T> value, int most)
        implements Shape<Map<String, T>> {
    @Override
    public @Nullable Map<String, T> read(JsonNode node, Reading at) {
        if (!node.isObject() || node.size() > most) {
            at.refuse(node, legal());
            return null;
        }
        int before = at.count();
        Map<String, T> values = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            Reading here = at.at(entry.getKey());
            String name = key.read(new TextNode(entry.getKey()), here);
            T read = value.read(entry.getValue(), here);
            if (name != null && read != null) {
                values.put(name, read);
            }
        }
        return at.count() == before ? values : null;
    }

    @Override
    public JsonNode write(Map<String, T> map) {
        ObjectNode object = Json.object();
        new TreeMap<>(map).forEach((name, v) -> object.set(name, value.write(v)));
        return object;
    }

    @Override
    public String legal() {
        return "an object of at most "
                + most
                + " entries, each name "
                + key.legal()
                + ", each value "
                + value.legal();
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        ObjectNode schema = Json.object().put("type", "object").put("maxProperties", most);
        schema.set("propertyNames", key.schema(unknown));
        schema.set("additionalProperties", value.schema(unknown));
        return schema;
    }
}
