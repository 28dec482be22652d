package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The description of one kind of JSON value. Immutable, and usable from any thread.
///
/// @param <T> what the value is in Java
public interface Shape<T> {
    /// Reads a value and reports everything that is wrong with it.
    ///
    /// @return the value, or null when at least one violation was reported
    @Nullable T read(JsonNode node, Reading at);

    /// Writes a value. Reading the result gives an equal value.
    JsonNode write(T value);

    /// What is legal, for a person: completes the sentence "legal: …".
    String legal();

    /// The JSON Schema (2020-12) of the value.
    ObjectNode schema(UnknownFields unknown);

    /// The same JSON as another Java type.
    ///
    /// @param in makes the value from one that this shape accepted; it must not throw
    /// @param out the inverse
    default <U> Shape<U> as(
            Function<? super T, ? extends U> in, Function<? super U, ? extends T> out) {
        return new MappedShape<>(this, in, out);
    }
}
