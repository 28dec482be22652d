package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A field table: what an object may hold, in the order in which it is written.
///
/// @param <T> the Java type that the object stands for
public final class Fields<T> {
    /// A rule about several fields of one object.
    @FunctionalInterface
    public interface Rule {
        /// Reports what is wrong. Runs even when single fields were refused.
        void check(JsonNode object, Values values, Reading at);
    }

    private final Map<String, Field<? super T, ?>> byName;
    private final List<Rule> rules;

    private Fields(Map<String, Field<? super T, ?>> byName, List<Rule> rules) {
        this.byName = byName;
        this.rules = rules;
    }

    /// A table of fields with distinct names.
    @SafeVarargs
    public static <T> Fields<T> of(Field<? super T, ?>... fields) {
        Map<String, Field<? super T, ?>> byName = new LinkedHashMap<>();
        for (Field<? super T, ?> field : fields) {
            byName.put(field.name(), field);
        }
        return new Fields<>(byName, List.of());
    }

    /// This table with the fields of another at its end.
    public <S extends T> Fields<S> and(Fields<? super S> more) {
        Map<String, Field<? super S, ?>> all = new LinkedHashMap<>(byName);
        all.putAll(more.byName);
        List<Rule> both = new ArrayList<>(rules);
        both.addAll(more.rules);
        return new Fields<>(all, List.copyOf(both));
    }

    /// This table as a part of an object that holds the value's fields beside others.
    ///
    /// @param part the value, in what the whole object stands for
    public <S> Fields<S> within(Function<? super S, ? extends T> part) {
        Map<String, Field<? super S, ?>> all = new LinkedHashMap<>();
        byName.forEach((name, field) -> all.put(name, field.within(part)));
        return new Fields<>(all, rules);
    }

    /// This table with one more rule.
    public Fields<T> with(Rule rule) {
        List<Rule> all = new ArrayList<>(rules);
        all.add(rule);
        return new Fields<>(byName, List.copyOf(all));
    }

    /// Reads an object and reports everything that is wrong with it.
    ///
    /// @return the fields, or null when at least one violation was reported
    public @Nullable Values read(JsonNode node, Reading at) {
        if (!node.isObject()) {
            at.refuse(node, "an object");
            return null;
        }
        int before = at.count();
        Values values = new Values();
        for (Field<? super T, ?> field : byName.values()) {
            Object value = field.read(node, at);
            if (value != null) {
                values.put(field, value);
            }
            if (node.has(field.name())) {
                values.markGiven(field);
            }
        }
        if (at.unknownFields() == UnknownFields.REFUSED) {
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                if (!byName.containsKey(entry.getKey())) {
                    at.unknown(entry.getKey(), byName.keySet());
                }
            }
        }
        rules.forEach(rule -> rule.check(node, values, at));
        return at.count() == before ? values : null;
    }

    /// Writes the fields of a value into an object.
    public ObjectNode write(T value, ObjectNode into) {
        byName.values().forEach(field -> field.write(value, into));
        return into;
    }

    /// The JSON Schema of the object.
    public ObjectNode schema(UnknownFields unknown) {
        ObjectNode schema = Json.object().put("type", "object");
        ObjectNode properties = schema.putObject("properties");
        ArrayNode required = Json.array();
        for (Field<? super T, ?> field : byName.values()) {
            properties.set(field.name(), field.schema(unknown));
            if (field.isRequired()) {
                required.add(field.name());
            }
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        if (unknown == UnknownFields.REFUSED) {
            schema.put("additionalProperties", false);
        }
        return schema;
    }
}
