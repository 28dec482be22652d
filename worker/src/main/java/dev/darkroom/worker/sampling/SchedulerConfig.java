package dev.darkroom.worker.sampling;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What a model folder's `scheduler_config.json` says. Immutable.
///
/// Values are as a JSON parser gives them: strings, numbers, booleans, lists of numbers, `null`. A
/// parser must accept `-Infinity`, which the reference writes. What the fields mean, and which
/// values are legal, is up to the scheduler that is built from them: each refuses what it cannot
/// honour.
public final class SchedulerConfig {
    private static final String CLASS_NAME = "_class_name";

    /// Names of fields that the reference treats as never given, beside them.
    private static final String DEFAULTED = "_use_default_values";

    private final Map<String, @Nullable Object> fields;

    private SchedulerConfig(Map<String, @Nullable Object> fields) {
        this.fields = fields;
    }

    /// The configuration with these fields.
    public static SchedulerConfig of(Map<String, ? extends @Nullable Object> fields) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>(fields);
        if (copy.remove(DEFAULTED) instanceof List<?> names) {
            copy.keySet().removeAll(names);
        }
        return new SchedulerConfig(Collections.unmodifiableMap(copy));
    }

    /// The name of the reference's class that the folder was saved with.
    public Optional<String> className() {
        return fields.get(CLASS_NAME) instanceof String name ? Optional.of(name) : Optional.empty();
    }

    /// This configuration with one field set to another value.
    public SchedulerConfig with(String field, @Nullable Object value) {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>(fields);
        copy.put(field, value);
        return new SchedulerConfig(Collections.unmodifiableMap(copy));
    }

    /// All fields, in the order of the file.
    Map<String, @Nullable Object> fields() {
        return fields;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SchedulerConfig config && fields.equals(config.fields);
    }

    @Override
    public int hashCode() {
        return fields.hashCode();
    }

    /// The fields by name.
    @Override
    public String toString() {
        return new TreeMap<>(fields).toString();
    }
}
