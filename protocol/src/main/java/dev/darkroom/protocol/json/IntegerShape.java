package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/// A whole number in a range.
///
/// @param least the smallest legal value
/// @param most the largest legal value
public record IntegerShape(long least, long most) implements Shape<Long> {
    private static final long EXACT_IN_DOUBLE = 1L << 53;

    /// A Java `int` of at least `least`.
    public static Shape<Integer> atLeast(int least) {
        return between(least, Integer.MAX_VALUE);
    }

    /// A Java `int` in a range, both ends legal.
    public static Shape<Integer> between(int least, int most) {
        return new IntegerShape(least, most).as(Math::toIntExact, Integer::longValue);
    }

    @Override
    public @Nullable Long read(JsonNode node, Reading at) {
        // A whole number may come as 20.0: JSON does not tell the two apart, and neither does its
        // schema.
        boolean written = node.isIntegralNumber() && node.canConvertToLong();
        boolean meant =
                node.isDouble()
                        && node.doubleValue() == Math.rint(node.doubleValue())
                        && Math.abs(node.doubleValue()) <= EXACT_IN_DOUBLE;
        if ((written || meant) && node.longValue() >= least && node.longValue() <= most) {
            return node.longValue();
        }
        at.refuse(node, legal());
        return null;
    }

    @Override
    public JsonNode write(Long value) {
        return new LongNode(value);
    }

    @Override
    public String legal() {
        boolean open = most == Integer.MAX_VALUE || most == Long.MAX_VALUE;
        return open
                ? "a whole number, at least " + least
                : least == most
                        ? Long.toString(least)
                        : "a whole number from " + least + " to " + most;
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        ObjectNode schema = Json.object().put("type", "integer").put("minimum", least);
        return most == Long.MAX_VALUE ? schema : schema.put("maximum", most);
    }
}
