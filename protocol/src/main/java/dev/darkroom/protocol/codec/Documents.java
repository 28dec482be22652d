package dev.darkroom.protocol.codec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.MalformedJsonException;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.UnknownFields;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// Reads what a fleet wrote: fields of a newer one are passed over.
final class Documents {
    private Documents() {}

    /// Reads bytes as JSON.
    ///
    /// @param what the kind of message, for example `event`
    /// @throws MalformedMessageException when they are none
    static JsonNode parse(String what, byte[] bytes) {
        try {
            return Json.parse(bytes);
        } catch (MalformedJsonException e) {
            throw new MalformedMessageException(
                    what, List.of(new Violation("the value", e.problem(), "JSON in UTF-8")));
        }
    }

    /// Reads a tree with a reader that reports violations.
    ///
    /// @throws MalformedMessageException when it reported any
    static <T> T read(
            String what, JsonNode node, BiFunction<JsonNode, Reading, @Nullable T> reader) {
        Reading reading = Reading.of(UnknownFields.IGNORED);
        T value = reader.apply(node, reading);
        if (value == null) {
            throw new MalformedMessageException(what, reading.violations());
        }
        return value;
    }
}
