package dev.darkroom.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.worker.model.Residency.Room;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResidencyTest {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = START.plusSeconds(60);

    private final Residency<String> residency =
            new Residency<>(new ModelBudget(100, Duration.ofSeconds(30)));

    /// Residents a (40 bytes), b (30), c (20), all unused and old enough; a was leased last, then
    /// earlier c, then b.
    @ParameterizedTest
    @CsvSource({
        "10, ''",
        "11, 'b'",
        "40, 'b'",
        "41, 'b c'",
        "60, 'b c'",
        "61, 'b c a'",
        "100, 'b c a'"
    })
    void evictsTheLeastRecentlyLeasedAndNoMoreThanNeeded(long bytes, String evicted) {
        resident("a", 40);
        resident("b", 30);
        resident("c", 20);
        for (String model : List.of("b", "c", "a")) {
            residency.leased(model);
            residency.released(model);
        }
        List<String> expected = evicted.isEmpty() ? List.of() : List.of(evicted.split(" "));
        assertThat(residency.room(bytes, LATER)).isEqualTo(new Room.Free<>(expected));
    }

    @Test
    void neverFitsBeyondTheBudget() {
        assertThat(residency.room(101, LATER)).isEqualTo(new Room.Never<>());
        assertThat(residency.room(100, LATER)).isEqualTo(new Room.Free<>(List.of()));
    }

    @Test
    void leasedModelsStay() {
        resident("a", 40);
        resident("b", 40);
        residency.leased("a");
        assertThat(residency.room(60, LATER)).isEqualTo(new Room.Free<>(List.of("b")));
        assertThat(residency.room(61, LATER)).isEqualTo(new Room.Later<>(Instant.MAX));
        residency.released("a");
        assertThat(residency.room(61, LATER)).isEqualTo(new Room.Free<>(List.of("b", "a")));
    }

    @Test
    void modelsThatCameRecentlyStayForTheLeastTime() {
        resident("a", 80);
        Instant soon = START.plusSeconds(29);
        assertThat(residency.room(50, soon)).isEqualTo(new Room.Later<>(START.plusSeconds(30)));
        assertThat(residency.room(50, START.plusSeconds(30)))
                .isEqualTo(new Room.Free<>(List.of("a")));
    }

    @Test
    void aModelThatIsBeingLoadedTakesMemoryAndStays() {
        residency.loading("a", 80);
        assertThat(residency.taken()).isEqualTo(80);
        assertThat(residency.room(50, LATER)).isEqualTo(new Room.Later<>(Instant.MAX));
        residency.removed("a");
        assertThat(residency.taken()).isZero();
    }

    @Test
    void refusesToBeToldNonsense() {
        resident("a", 80);
        residency.leased("a");
        assertThatThrownBy(() -> residency.removed("a")).hasMessage("a is in use");
        residency.released("a");
        assertThatThrownBy(() -> residency.released("a")).hasMessage("a has no leases");
        assertThatThrownBy(() -> residency.loading("a", 1)).hasMessage("a takes memory already");
        assertThatThrownBy(() -> residency.leased("b")).hasMessage("b takes no memory");
    }

    private void resident(String model, long bytes) {
        residency.loading(model, bytes);
        residency.loaded(model, START);
    }
}
