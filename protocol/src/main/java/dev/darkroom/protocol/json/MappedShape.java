package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The JSON of one shape as another Java type.
record MappedShape<T, U>(
        Shape<T> inner, Function<? super T, ? extends U> in, Function<? super U, ? extends T> out)
        implements Shape<U> {
    @Override
    public @Nullable U read(JsonNode node, Reading at) {
        T value = inner.read(node, at);
        return value == null ? null : in.apply(value);
    }

    @Override
    public JsonNode write(U value) {
        return inner.write(out.apply(value));
    }

    @Override
    public String legal() {
        return inner.legal();
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        return inner.schema(unknown);
    }
}
