package dev.darkroom.ops.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// How options that hold numbers and times are read, in the words of the person who types them.
/// Pure.
final class OptionValues {
    private OptionValues() {}

    /// Lets all commands of this line read them so.
    static CommandLine read(CommandLine line) {
        ITypeConverter<Integer> integer =
                legal(Integer::valueOf, "a whole number, at most " + Integer.MAX_VALUE);
        ITypeConverter<Long> longer = legal(Long::valueOf, "a whole number");
        return line.registerConverter(Integer.class, integer)
                .registerConverter(int.class, integer)
                .registerConverter(Long.class, longer)
                .registerConverter(long.class, longer)
                .registerConverter(Double.class, legal(Double::valueOf, "a number"))
                .registerConverter(
                        Instant.class, legal(Instant::parse, "a time like 2030-01-31T12:00:00Z"));
    }

    private static <T> ITypeConverter<T> legal(Function<String, T> reader, String legal) {
        return value -> {
            try {
                return reader.apply(value);
            } catch (NumberFormatException | DateTimeException _) {
                throw new TypeConversionException("'" + value + "'; legal: " + legal);
            }
        };
    }
}
