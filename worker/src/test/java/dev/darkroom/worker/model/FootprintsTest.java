package dev.darkroom.worker.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class FootprintsTest {
    private final Footprints footprints = new Footprints();

    @Test
    void estimatesUntilAModelWasLoaded() {
        assertThat(footprints.of("x", 100)).isEqualTo(200);
        footprints.grew("x", 100, OptionalLong.empty());
        assertThat(footprints.of("x", 100)).isEqualTo(200);
        assertThat(footprints.measured("x")).isFalse();
    }

    @Test
    void whatTheFirstLoadTookCounts() {
        footprints.grew("x", 100, OptionalLong.of(430));
        footprints.grew("x", 100, OptionalLong.of(120));
        assertThat(footprints.of("x", 100)).isEqualTo(430);
        assertThat(footprints.measured("x")).isTrue();
        assertThat(footprints.of("y", 100)).isEqualTo(200);
    }

    @Test
    void onceAModelWasUnloadedNoFigureBelowTheEstimateCounts() {
        footprints.unloaded();
        footprints.grew("x", 100, OptionalLong.of(199));
        assertThat(footprints.measured("x")).isFalse();
        footprints.grew("x", 100, OptionalLong.of(200));
        assertThat(footprints.measured("x")).isTrue();
    }

    @Test
    void aLoadThatWasGivenUsedMemorySaysNothing() {
        footprints.grew("x", 100, OptionalLong.of(99));
        footprints.grew("x", 100, OptionalLong.of(-5));
        assertThat(footprints.of("x", 100)).isEqualTo(200);
        footprints.grew("x", 100, OptionalLong.of(100));
        assertThat(footprints.of("x", 100)).isEqualTo(100);
    }
}
