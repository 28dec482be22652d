package dev.darkroom.worker.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A JSON object in a model folder, read so that problems are noted and the reading goes on.
///
/// A value that is missing or wrong is noted once and read as a neutral one; whoever reads throws
/// the notes away, or fails with all of them, before the values are used.
final class JsonFile {
    /// Accepts what Python writes for numbers that JSON has no words for, such as `-Infinity`.
    private static final ObjectMapper MAPPER =
            JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

    /// Networks halve their sample from element to element: no picture can be halved more often.
    private static final int GREATEST_LENGTH = 16;

    private final String where;
    private final ObjectNode node;
    private final List<String> problems;

    private JsonFile(String where, ObjectNode node, List<String> problems) {
        this.where = where;
        this.node = node;
        this.problems = problems;
    }

    /// The object in `path` below `folder`; empty when there is none, which is noted.
    static JsonFile read(Path folder, String path, List<String> problems) {
        try {
            if (!Files.isRegularFile(folder.resolve(path))) {
                problems.add(path + " is missing");
            } else if (MAPPER.readTree(folder.resolve(path).toFile()) instanceof ObjectNode node) {
                return new JsonFile(path, node, problems);
            } else {
                problems.add(path + " is not a JSON object");
            }
        } catch (JsonProcessingException e) {
            problems.add(path + " is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            problems.add(path + " cannot be read: " + e);
        }
        // Its fields are missing too, which nobody needs to be told: those notes go nowhere.
        return new JsonFile(path, JsonNodeFactory.instance.objectNode(), new ArrayList<>());
    }

    /// Notes that `what` is wrong with `field`.
    void problem(String field, String what) {
        problems.add(where + ": " + field + " " + what);
    }

    /// Refuses every field that is not one of `known`.
    void refuseOthers(List<String> known) {
        for (Map.Entry<String, JsonNode> field : node.properties()) {
            if (!known.contains(field.getKey())) {
                problem(
                        "'" + field.getKey() + "'",
                        "is unknown; did you mean "
                                + Nearest.first(field.getKey(), known).getFirst()
                                + "? Legal: "
                                + String.join(", ", known));
            }
        }
    }

    /// The names of the fields, in order.
    List<String> names() {
        return node.properties().stream().map(Map.Entry::getKey).toList();
    }

    /// All fields as maps, lists, strings, numbers, booleans and nulls.
    Map<String, @Nullable Object> fields() {
        return MAPPER.convertValue(node, new TypeReference<>() {});
    }

    /// The field as it is, unless it is absent or null.
    Optional<JsonNode> value(String field) {
        return Optional.ofNullable(node.get(field)).filter(value -> !value.isNull());
    }

    /// The object in this field, unless it is absent or null.
    Optional<JsonFile> object(String field) {
        return legal(field, JsonNode::isObject, "an object")
                .map(value -> new JsonFile(where + ": " + field, (ObjectNode) value, problems));
    }

    /// The text in this field, unless it is absent or null.
    Optional<String> text(String field) {
        return legal(field, JsonNode::isTextual, "a text").map(JsonNode::textValue);
    }

    /// The whole number in this field, unless it is absent or null.
    Optional<Integer> integer(String field) {
        return legal(field, JsonNode::isInt, "a whole number").map(JsonNode::intValue);
    }

    /// The finite number in this field, unless it is absent or null.
    Optional<Double> number(String field) {
        return legal(
                        field,
                        value -> value.isNumber() && Double.isFinite(value.doubleValue()),
                        "a number")
                .map(JsonNode::doubleValue);
    }

    /// Whether this field is there and true.
    boolean flag(String field) {
        return legal(field, JsonNode::isBoolean, "true or false")
                .map(JsonNode::booleanValue)
                .orElse(false);
    }

    /// Whether `model_index.json` names a part here: a list of library and class, not nulls.
    boolean names(String part) {
        return value(part)
                .filter(value -> value.isArray() && value.size() == 2 && !value.get(1).isNull())
                .isPresent();
    }

    /// The whole number in this field, at least 1; one that is missing is noted.
    int size(String field) {
        return required(field, value -> value.isInt() && value.intValue() > 0, "at least 1")
                .map(JsonNode::intValue)
                .orElse(1);
    }

    /// How many elements the list in this field has, 1 to 16; one that is missing is noted.
    int length(String field) {
        return required(
                        field,
                        value ->
                                value.isArray()
                                        && !value.isEmpty()
                                        && value.size() <= GREATEST_LENGTH,
                        "a list of 1 to " + GREATEST_LENGTH)
                .map(JsonNode::size)
                .orElse(1);
    }

    /// The value in this field, if it is legal; one that is illegal or missing is noted.
    Optional<JsonNode> required(String field, Predicate<JsonNode> test, String legal) {
        if (value(field).isEmpty()) {
            problem(field, "is missing; legal: " + legal);
        }
        return legal(field, test, legal);
    }

    /// The value in this field, unless it is absent or null; one that is illegal is noted.
    Optional<JsonNode> legal(String field, Predicate<JsonNode> test, String legal) {
        Optional<JsonNode> value = value(field);
        if (value.isPresent() && !test.test(value.get())) {
            problem(field, "is " + value.get() + "; legal: " + legal);
            return Optional.empty();
        }
        return value;
    }
}
