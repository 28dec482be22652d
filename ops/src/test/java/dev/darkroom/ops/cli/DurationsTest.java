package dev.darkroom.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {
    @ParameterizedTest
    @CsvSource({
        "0,0 ms",
        "999,999 ms",
        "1000,1.0 s",
        "9949,9.9 s",
        "9950,10 s",
        "59499,59 s",
        "59500,1 min 0 s",
        "125000,2 min 5 s",
        "4200000,1 h 10 min"
    })
    void saysSpansInTheUnitsThatMatter(long millis, String words) {
        assertThat(Durations.words(Duration.ofMillis(millis))).isEqualTo(words);
    }
}
