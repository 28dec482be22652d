package dev.darkroom.protocol.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class RunIdTest {
    private static final Instant NOW = Instant.parse("2026-11-22T21:00:00Z");

    @Test
    void isNewEveryTimeEvenWithinAMillisecond() {
        InstantSource clock = InstantSource.fixed(NOW);
        assertThat(RunId.fresh(clock)).isNotEqualTo(RunId.fresh(clock));
    }

    @Test
    void sortsAfterThoseThatBeganBefore() {
        assertThat(RunId.fresh(InstantSource.fixed(NOW.plusMillis(1))))
                .isGreaterThan(RunId.fresh(InstantSource.fixed(NOW)));
        assertThat(RunId.fresh(InstantSource.fixed(Instant.parse("2199-01-01T00:00:00Z"))))
                .isGreaterThan(RunId.fresh(InstantSource.fixed(NOW)));
    }

    @Test
    void holdsNothingThatWouldLeadOutOfAFolder() {
        assertThatThrownBy(() -> new RunId("../x")).hasMessageContaining("'../x'");
    }
}
