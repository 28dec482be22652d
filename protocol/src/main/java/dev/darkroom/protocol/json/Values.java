package dev.darkroom.protocol.json;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The fields of one object, as they were read.
public final class Values {
    private final Map<String, Object> values = new HashMap<>();
    private final Set<String> given = new HashSet<>();

    Values() {}

    void put(Field<?, ?> field, Object value) {
        values.put(field.name(), value);
    }

    void markGiven(Field<?, ?> field) {
        given.add(field.name());
    }

    /// The value of a field that is required or has a default. Legal only when the object was read
    /// without a violation.
    public <V> V get(Field<?, V> field) {
        V value = find(field);
        if (value == null) {
            throw new IllegalStateException(
                    "field '" + field.name() + "' has no value; legal: a field of the table read");
        }
        return value;
    }

    /// The value of a field; null when it is absent or was refused.
    // A field's values are put only under the field that read them.
    @SuppressWarnings("unchecked")
    public <V> @Nullable V find(Field<?, V> field) {
        return (V) values.get(field.name());
    }

    /// Whether the document has the field, be its value legal or not.
    public boolean isGiven(Field<?, ?> field) {
        return given.contains(field.name());
    }
}
