package dev.darkroom.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BusyShareTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void isNothingBeforeAnythingRan() {
        assertThat(new BusyShare(5 * SECOND).at(5 * SECOND)).isZero();
    }

    @Test
    void countsFromTheBeginningDuringTheFirstMinute() {
        BusyShare share = new BusyShare(0);
        share.add(4 * SECOND, 2 * SECOND);

        assertThat(share.at(8 * SECOND)).isCloseTo(0.25, within(1e-9));
    }

    @Test
    void forgetsWhatIsOlderThanAMinuteAndCutsWhatReachesIntoIt() {
        BusyShare share = new BusyShare(0);
        share.add(10 * SECOND, 10 * SECOND);
        share.add(70 * SECOND, 40 * SECOND);

        assertThat(share.at(100 * SECOND)).isCloseTo(30.0 / 60, within(1e-9));
    }
}
