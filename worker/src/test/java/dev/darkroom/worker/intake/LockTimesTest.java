package dev.darkroom.worker.intake;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LockTimesTest {
    /// Close to the end of the range, where [System#nanoTime()] may be and comparisons go wrong.
    private static final long START = Long.MAX_VALUE - 5_000_000_000L;

    @ParameterizedTest
    @CsvSource({
        "    0, 10000, 30000",
        " 9999,     1, 20001",
        "10000,     0, 20000",
        "29999,     0,     1",
        "30000,     0,     0",
        "90000,     0,     0",
    })
    void renewsAtAThirdAndExpiresAtTheEndOfALock(long passed, long untilRenewal, long untilExpiry) {
        LockTimes lock = new LockTimes(Duration.ofSeconds(30), START);
        long now = START + Duration.ofMillis(passed).toNanos();
        assertThat(lock.untilRenewal(now)).isEqualTo(Duration.ofMillis(untilRenewal));
        assertThat(lock.untilExpiry(now)).isEqualTo(Duration.ofMillis(untilExpiry));
        assertThat(lock.renewed(now).untilExpiry(now)).isEqualTo(Duration.ofSeconds(30));
    }
}
