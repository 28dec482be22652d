package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One of several named values.
///
/// @param <T> the values
public final class ChoiceShape<T> implements Shape<T> {
    private final Map<String, T> choices = new LinkedHashMap<>();
    private final Function<T, String> name;

    /// A choice among values of distinct names.
    public ChoiceShape(Collection<T> values, Function<T, String> name) {
        this.name = name;
        values.forEach(value -> choices.put(name.apply(value), value));
    }

    @Override
    public @Nullable T read(JsonNode node, Reading at) {
        T choice = node.isTextual() ? choices.get(node.textValue()) : null;
        if (choice == null) {
            at.refuse(node, legal());
        }
        return choice;
    }

    @Override
    public JsonNode write(T value) {
        return new TextNode(name.apply(value));
    }

    @Override
    public String legal() {
        return String.join(", ", choices.keySet());
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        ObjectNode schema = Json.object().put("type", "string");
        ArrayNode names = schema.putArray("enum");
        choices.keySet().forEach(names::add);
        return schema;
    }
}
