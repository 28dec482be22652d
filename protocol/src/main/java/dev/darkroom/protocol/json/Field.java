package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// One row of a field table: a named part of a JSON object.
///
/// @param <T> the Java type that the object is part of
/// @param <V> the field's own type
public final class Field<T, V> {
    private final Name name;
    private final Shape<V> shape;
    private final Function<? super T, ? extends @Nullable V> get;
    private final Presence presence;
    private final @Nullable V otherwise;

    private Field(
            Name name,
            Shape<V> shape,
            Function<? super T, ? extends @Nullable V> get,
            Presence presence,
            @Nullable V otherwise) {
        this.name = name;
        this.shape = shape;
        this.get = get;
        this.presence = presence;
        this.otherwise = otherwise;
    }

    /// What a field is called.
    ///
    /// @param name in the JSON
    /// @param description for a person who reads the schema
    public record Name(String name, String description) {
        /// A field that must be there.
        public <T, V> Field<T, V> required(Shape<V> shape, Function<? super T, ? extends V> get) {
            return new Field<>(this, shape, get, Presence.REQUIRED, null);
        }

        /// A field that may be absent.
        public <T, V> Field<T, V> optional(
                Shape<V> shape, Function<? super T, ? extends @Nullable V> get) {
            return new Field<>(this, shape, get, Presence.OPTIONAL, null);
        }

        /// A field whose absence means a fixed value; not written when it has that value.
        public <T, V> Field<T, V> defaulted(
                Shape<V> shape, Function<? super T, ? extends V> get, V otherwise) {
            return new Field<>(this, shape, get, Presence.OPTIONAL, otherwise);
        }
    }

    private enum Presence {
        REQUIRED,
        OPTIONAL
    }

    /// The name of a field to be.
    public static Name named(String name, String description) {
        return new Name(name, description);
    }

    /// The name in the JSON.
    public String name() {
        return name.name;
    }

    /// What the field holds.
    public Shape<V> shape() {
        return shape;
    }

    /// The same field of an object that holds this one's fields beside others.
    <S> Field<S, V> within(Function<? super S, ? extends T> part) {
        return new Field<>(name, shape, whole -> get.apply(part.apply(whole)), presence, otherwise);
    }

    boolean isRequired() {
        return presence == Presence.REQUIRED;
    }

    /// Puts a value into an object, be it legal or not.
    public void put(V value, ObjectNode object) {
        object.set(name.name, shape.write(value));
    }

    /// Reads the field of an object; null when it is absent without a default, or refused.
    @Nullable V read(JsonNode object, Reading at) {
        JsonNode node = object.get(name.name);
        if (node != null) {
            return shape.read(node, at.at(name.name));
        }
        if (isRequired()) {
            at.at(name.name).missing(shape.legal());
        }
        return otherwise;
    }

    /// Writes the field of a value into an object, unless there is nothing to say.
    void write(T value, ObjectNode object) {
        V part = get.apply(value);
        if (part != null && !part.equals(otherwise)) {
            put(part, object);
        }
    }

    /// The field's JSON Schema.
    ObjectNode schema(UnknownFields unknown) {
        ObjectNode schema = Json.object().put("description", name.description);
        schema.setAll(shape.schema(unknown));
        if (otherwise != null) {
            schema.set("default", shape.write(otherwise));
        }
        return schema;
    }
}
