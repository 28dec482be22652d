package dev.darkroom.protocol.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// Bytes to JSON trees and back. The bytes are UTF-8 of one JSON text, names unique, nesting and
/// numbers bounded. Usable from any thread.
public final class Json {
    /// Bytes of a document at most: twice the record size that topics are created with.
    public static final int MOST_BYTES = 2 << 20;

    /// Levels of nesting at most.
    public static final int DEEPEST = 32;

    private static final int LONGEST_NUMBER = 64;
    private static final int LONGEST_NAME = 1024;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEEPEST)
                                    .maxNumberLength(LONGEST_NUMBER)
                                    .maxNameLength(LONGEST_NAME)
                                    .maxStringLength(MOST_BYTES)
                                    .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build();
    private static final JsonMapper MAPPER =
            JsonMapper.builder(FACTORY)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    private Json() {}

    /// An empty object.
    public static ObjectNode object() {
        return JsonNodeFactory.instance.objectNode();
    }

    /// An empty array.
    public static ArrayNode array() {
        return JsonNodeFactory.instance.arrayNode();
    }

    /// The bounded parser that this class reads with, for those who read a broken document as far
    /// as it goes.
    public static JsonFactory factory() {
        return FACTORY;
    }

    /// Reads one JSON text.
    ///
    /// @throws MalformedJsonException when it is anything else
    public static JsonNode parse(byte[] bytes) throws MalformedJsonException {
        if (bytes.length > MOST_BYTES) {
            throw new MalformedJsonException(
                    bytes.length + " bytes, more than the " + MOST_BYTES + " that are read");
        }
        try {
            String text =
                    StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
            JsonNode node = MAPPER.readTree(text);
            if (node.isMissingNode()) {
                throw new MalformedJsonException("no bytes");
            }
            return node;
        } catch (CharacterCodingException e) {
            throw new MalformedJsonException("not UTF-8", e);
        } catch (JsonProcessingException e) {
            String where =
                    e.getLocation() == null
                            ? ""
                            : " at line %d, column %d"
                                    .formatted(
                                            e.getLocation().getLineNr(),
                                            e.getLocation().getColumnNr());
            throw new MalformedJsonException(
                    "not JSON" + where + ": " + firstLine(e.getOriginalMessage()), e);
        }
    }

    /// Writes a tree as UTF-8, without spaces, in the order that it has.
    public static byte[] write(JsonNode node) {
        return node.toString().getBytes(StandardCharsets.UTF_8);
    }

    /// The same tree with the names of every object in ascending order.
    public static JsonNode sorted(JsonNode node) {
        if (node.isObject()) {
            Map<String, JsonNode> names = new TreeMap<>();
            node.properties().forEach(e -> names.put(e.getKey(), sorted(e.getValue())));
            ObjectNode object = object();
            object.setAll(names);
            return object;
        }
        if (node.isArray()) {
            ArrayNode array = array();
            node.forEach(element -> array.add(sorted(element)));
            return array;
        }
        return node;
    }

    private static String firstLine(String message) {
        String line = message.lines().findFirst().orElse("");
        return line.length() <= 200 ? line : line.substring(0, 199) + "…";
    }
}
