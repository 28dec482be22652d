package dev.darkroom.protocol.json;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.jspecify.annotations.Nullable;

/// A number, not necessarily whole, in a range.
///
/// @param lower the lower end
/// @param lowerEnd whether the lower end itself is legal
/// @param upper the upper end, always legal itself; infinite: none
public record DecimalShape(double lower, End lowerEnd, double upper) implements Shape<Double> {
    /// Whether the end of a range belongs to it.
    public enum End {
        /// It does.
        LEGAL,
        /// Only what lies beyond it does.
        EXCLUDED
    }

    /// Numbers of at least `lower`.
    public static DecimalShape atLeast(double lower) {
        return between(lower, Double.POSITIVE_INFINITY);
    }

    /// Numbers above `lower`.
    public static DecimalShape above(double lower) {
        return new DecimalShape(lower, End.EXCLUDED, Double.POSITIVE_INFINITY);
    }

    /// Numbers from `lower` to `upper`, both legal.
    public static DecimalShape between(double lower, double upper) {
        return new DecimalShape(lower, End.LEGAL, upper);
    }

    /// Numbers above `lower`, up to and with `upper`.
    public static DecimalShape aboveUpTo(double lower, double upper) {
        return new DecimalShape(lower, End.EXCLUDED, upper);
    }

    @Override
    public @Nullable Double read(JsonNode node, Reading at) {
        if (node.isNumber()) {
            double value = node.doubleValue();
            boolean highEnough = lowerEnd == End.LEGAL ? value >= lower : value > lower;
            if (Double.isFinite(value) && highEnough && value <= upper) {
                return value;
            }
        }
        at.refuse(node, legal());
        return null;
    }

    @Override
    public JsonNode write(Double value) {
        return new DoubleNode(value);
    }

    @Override
    public String legal() {
        boolean open = Double.isInfinite(upper);
        String from = (lowerEnd == End.LEGAL ? open ? "at least " : "from " : "above ") + lower;
        return "a number " + from + (open ? "" : " to " + upper);
    }

    @Override
    public ObjectNode schema(UnknownFields unknown) {
        ObjectNode schema = Json.object().put("type", "number");
        schema.put(lowerEnd == End.LEGAL ? "minimum" : "exclusiveMinimum", lower);
        return Double.isInfinite(upper) ? schema : schema.put("maximum", upper);
    }
}
