package dev.darkroom.worker.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One section of the configuration while it is read: takes each key's value from the environment,
/// the file or the default, in that order, and notes what is wrong instead of throwing. Every key
/// that was asked for is known; [#close] reports the others.
///
/// Owned by the thread that reads the configuration.
final class Section implements AutoCloseable {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,12})\\s*(ms|s|m|min|h|d)");

    private final String name;
    private final JsonObject file;
    private final Sources sources;
    private final Set<String> known = new TreeSet<>();
    private final Set<String> maps = new TreeSet<>();

    Section(String name, Sources sources) {
        this.name = name;
        this.sources = sources;
        Object value = sources.file().getValue(name);
        if (value != null && !(value instanceof JsonObject)) {
            sources.problems().add(name + " is " + value + "; legal: a section with keys");
        }
        this.file = value instanceof JsonObject object ? object : new JsonObject();
    }

    /// Where values come from and problems go to, for all sections.
    ///
    /// @param file the parsed file
    /// @param environment the process's variables
    /// @param problems where problems are noted
    /// @param effective every value read, as it is shown in the log, by dotted key
    record Sources(
            JsonObject file,
            Map<String, String> environment,
            Problems problems,
            Map<String, String> effective) {
        Sources(JsonObject file, Map<String, String> environment, Problems problems) {
            this(file, environment, problems, new TreeMap<>());
        }
    }

    String text(String key, String otherwise) {
        return value(key, otherwise, Function.identity());
    }

    Optional<String> optionalText(String key) {
        String text = value(key, "", Function.identity());
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    <T> T parsed(String key, T otherwise, Function<String, T> parse) {
        return value(key, otherwise, parse);
    }

    int integer(String key, int otherwise, int least, int greatest) {
        return value(
                key,
                otherwise,
                written -> {
                    try {
                        int number = Integer.parseInt(written);
                        if (number >= least && number <= greatest) {
                            return number;
                        }
                    } catch (NumberFormatException _) {
                        // The message below says what a number may look like.
                    }
                    throw new IllegalArgumentException(
                            "legal: a whole number from " + least + " to " + greatest);
                });
    }

    boolean flag(String key, boolean otherwise) {
        return value(
                key,
                otherwise,
                written ->
                        switch (written) {
                            case "true" -> true;
                            case "false" -> false;
                            default -> throw new IllegalArgumentException("legal: true or false");
                        });
    }

    Bytes bytes(String key, Bytes otherwise) {
        return value(key, otherwise, Bytes::of);
    }

    Duration duration(String key, Duration otherwise, Duration least, Duration greatest) {
        return value(
                key,
                otherwise,
                written -> {
                    Duration duration = parseDuration(written);
                    if (duration.compareTo(least) < 0 || duration.compareTo(greatest) > 0) {
                        throw new IllegalArgumentException(
                                "legal: from " + show(least) + " to " + show(greatest));
                    }
                    return duration;
                });
    }

    <E extends Enum<E>> E choice(String key, E otherwise) {
        Class<E> type = otherwise.getDeclaringClass();
        return value(
                key,
                otherwise,
                written ->
                        Arrays.stream(type.getEnumConstants())
                                .filter(one -> wireName(one).equals(written))
                                .findFirst()
                                .orElseThrow(() ->
                                        new IllegalArgumentException(
                                                "legal: "
                                                        + Arrays.stream(type.getEnumConstants())
                                                                .map(Section::wireName)
                                                                .collect(
                                                                        Collectors.joining(
                                                                                ", ")))));
    }

    /// A list: in the file a YAML list, in the environment separated by commas.
    <T> List<T> list(String key, List<T> otherwise, Function<String, T> parse) {
        return value(
                key,
                otherwise,
                written -> {
                    List<T> items = new ArrayList<>();
                    for (String item : written.split(",", -1)) {
                        if (!item.isBlank()) {
                            items.add(parse.apply(item.strip()));
                        }
                    }
                    return List.copyOf(items);
                });
    }

    /// A secret: from `key` itself, or from the file that `keyFile` names.
    @Nullable Secret secret(String key) {
        known.add(key);
        String fileKey = key + "File";
        Optional<String> direct = written(key).filter(text -> !text.isEmpty());
        Optional<String> path = optionalText(fileKey);
        sources.effective()
                .put(name + "." + key, direct.isPresent() || path.isPresent() ? Secret.MASK : "");
        if (direct.isPresent() && path.isPresent()) {
            sources.problems()
                    .add(
                            name
                                    + "."
                                    + key
                                    + " and "
                                    + name
                                    + "."
                                    + fileKey
                                    + " are both set; legal: one of them");
        }
        if (path.isPresent()) {
            try {
                return new Secret(Files.readString(Path.of(path.get())).strip());
            } catch (IOException | RuntimeException e) {
                sources.problems()
                        .add(
                                name
                                        + "."
                                        + fileKey
                                        + " is "
                                        + path.get()
                                        + ", which cannot be read ("
                                        + e
                                        + "); legal: a readable file");
                return null;
            }
        }
        return direct.map(Secret::new).orElse(null);
    }

    /// Free keys, such as another library's properties; in the environment, each is a variable of
    /// its own with dots written as underscores.
    Map<String, String> map(String key) {
        known.add(key);
        maps.add(key);
        Map<String, String> entries = new TreeMap<>();
        Object object = file.getValue(key);
        if (object instanceof JsonObject json) {
            json.forEach(entry -> entries.put(entry.getKey(), String.valueOf(entry.getValue())));
        } else if (object != null) {
            sources.problems()
                    .add(name + "." + key + " is " + object + "; legal: keys with values");
        }
        String prefix = variable(key) + "_";
        sources.environment()
                .forEach((variable, value) -> {
                    if (variable.startsWith(prefix)) {
                        String property =
                                variable.substring(prefix.length())
                                        .toLowerCase(Locale.ROOT)
                                        .replace('_', '.');
                        entries.put(property, value);
                    }
                });
        entries.forEach((property, value) ->
                sources.effective()
                        .put(name + "." + key + "." + property, Masking.shown(property, value)));
        return new LinkedHashMap<>(entries);
    }

    /// Reports every key of this section that nobody asked for.
    @Override
    public void close() {
        for (String key : file.fieldNames()) {
            if (!known.contains(key)) {
                sources.problems().add("unknown key " + name + "." + key + suggestion(key));
            }
        }
        String prefix = "DARKROOM_" + screaming(name) + "_";
        for (String variable : new TreeSet<>(sources.environment().keySet())) {
            boolean asked =
                    known.stream()
                            .anyMatch(key ->
                                    variable.equals(variable(key)) || isInMap(key, variable));
            if (variable.startsWith(prefix) && !asked) {
                sources.problems()
                        .add(
                                "unknown variable "
                                        + variable
                                        + Problems.nearest(
                                                        variable,
                                                        known.stream().map(this::variable).toList())
                                                .map(near -> "; did you mean " + near + "?")
                                                .orElse(
                                                        "; legal: "
                                                                + known.stream()
                                                                        .map(this::variable)
                                                                        .collect(
                                                                                Collectors.joining(
                                                                                        ", "))));
            }
        }
    }

    private boolean isInMap(String key, String variable) {
        return maps.contains(key) && variable.startsWith(variable(key) + "_");
    }

    private String suggestion(String key) {
        return Problems.nearest(key, known)
                .map(near -> "; did you mean " + name + "." + near + "?")
                .orElse("; legal in " + name + ": " + String.join(", ", known));
    }

    private <T> T value(String key, T otherwise, Function<String, T> parse) {
        known.add(key);
        T value = otherwise;
        Optional<String> written = written(key);
        if (written.isPresent()) {
            try {
                value = parse.apply(written.get());
            } catch (IllegalArgumentException e) {
                sources.problems()
                        .add(name + "." + key + " is '" + written.get() + "'; " + e.getMessage());
            }
        }
        sources.effective().put(name + "." + key, show(value));
        return value;
    }

    /// The value as the environment or the file has it.
    private Optional<String> written(String key) {
        String variable = sources.environment().get(variable(key));
        if (variable != null) {
            return Optional.of(variable.strip());
        }
        Object value = file.getValue(key);
        return switch (value) {
            case null -> Optional.empty();
            case JsonArray array ->
                    Optional.of(
                            array.stream().map(String::valueOf).collect(Collectors.joining(",")));
            case JsonObject object -> {
                sources.problems().add(name + "." + key + " is a section; legal: a single value");
                yield Optional.empty();
            }
            default -> Optional.of(value.toString().strip());
        };
    }

    private String variable(String key) {
        return "DARKROOM_" + screaming(name) + "_" + screaming(key);
    }

    /// `leastStay` as an environment variable has it: `LEAST_STAY`.
    private static String screaming(String key) {
        return key.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }

    private static String wireName(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Duration parseDuration(String written) {
        Matcher matcher = DURATION.matcher(written);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "legal: a number and a unit, for example 500ms, 30s, 5m or 2h");
        }
        long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofMinutes(number);
        };
    }

    private static String show(Object value) {
        return switch (value) {
            case Duration duration ->
                    duration.toMillis() % 1000 == 0
                            ? duration.toSeconds() + "s"
                            : duration.toMillis() + "ms";
            case Enum<?> constant -> wireName(constant);
            case List<?> list ->
                    list.stream().map(String::valueOf).collect(Collectors.joining(","));
            default -> value.toString();
        };
    }
}
