package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An object with a field table.
///
/// @param fields the table
/// @param make makes the value from fields that were read without a violation; it must not throw
public record ObjectShape<T>(Fields<T> fields, Function<Values, ? extends T> make)
        implements Shape<T> {
    @Override
    public @Nullable T read(JsonNode node, Reading at) {
        Values values = fields.read(node, at);
        return values == null ? null : make.apply(values);
    }

    @Override
    public JsonNode write(T value) {
        return fields.write(value, Json.object());
    }

    @Override
    public String legal() {
        return "an object";
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        return fields.schema(unknown);
    }
}
