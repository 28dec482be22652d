package dev.darkroom.ops.cli;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/// How long a command follows a job at most.
final class TimeoutOption {
    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            converter = SecondsConverter.class,
            description =
                    "Stop following a job that has not ended after so long, with exit status 3; the"
                            + " job itself goes on. Default: follow for ever")
    private @Nullable Duration longest;

    /// The time, if there is a limit.
    Optional<Duration> longest() {
        return Optional.ofNullable(longest);
    }

    /// Reads whole seconds.
    static final class SecondsConverter implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String value) {
            if (!value.matches("[1-9][0-9]{0,8}")) {
                throw new TypeConversionException(
                        "'" + value + "'; legal: a whole number of seconds, at least 1");
            }
            return Duration.ofSeconds(Long.parseLong(value));
        }
    }
}
