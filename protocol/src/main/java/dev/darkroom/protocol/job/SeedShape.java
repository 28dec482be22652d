package dev.darkroom.protocol.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.darkroom.protocol.json.Json;
import dev.darkroom.protocol.json.Reading;
import dev.darkroom.protocol.json.Shape;
import dev.darkroom.protocol.json.UnknownFields;
import java.math.BigInteger;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A seed: a JSON number or a decimal string from 0 to 2^64 − 1. Written as a number below 2^53, up
/// to which every JSON reader is exact, else as a string.
public record SeedShape() implements Shape<Seed> {
    private static final Pattern DECIMAL = Pattern.compile("0|[1-9][0-9]{0,19}");
    private static final BigInteger LARGEST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);
    private static final long EXACT_IN_DOUBLE = 1L << 53;

    @Override
    public @Nullable Seed read(JsonNode node, Reading at) {
        BigInteger number = numberIn(node);
        if (number == null || number.signum() < 0 || number.compareTo(LARGEST) > 0) {
            at.refuse(node, legal());
            return null;
        }
        return new Seed(number.longValue());
    }

    private static @Nullable BigInteger numberIn(JsonNode node) {
        if (node.isIntegralNumber()) {
            return node.bigIntegerValue();
        }
        if (node.isTextual() && DECIMAL.matcher(node.textValue()).matches()) {
            return new BigInteger(node.textValue());
        }
        // 42.0 is a whole number too, as far as a double is exact.
        double value = node.isDouble() ? node.doubleValue() : Double.NaN;
        return value == Math.rint(value) && Math.abs(value) < EXACT_IN_DOUBLE
                ? BigInteger.valueOf((long) value)
                : null;
    }

    @Override
    public JsonNode write(Seed value) {
        long bits = value.bits();
        return bits >= 0 && bits < EXACT_IN_DOUBLE
                ? new LongNode(bits)
                : new TextNode(value.toString());
    }

    @Override
    public String legal() {
        return "a whole number or decimal string from 0 to " + LARGEST;
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        ObjectNode schema = Json.object();
        ArrayNode forms = schema.putArray("oneOf");
        forms.addObject().put("type", "integer").put("minimum", 0).put("maximum", LARGEST);
        forms.addObject()
                .put("type", "string")
                .put("pattern", "^(?:" + DECIMAL.pattern() + ")$")
                .put("description", "at most " + LARGEST);
        return schema;
    }
}
