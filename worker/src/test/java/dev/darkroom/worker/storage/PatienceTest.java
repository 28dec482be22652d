package dev.darkroom.worker.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PatienceTest {
    private static final RandomGenerator LOWEST = () -> 0L;
    private static final RandomGenerator HIGHEST = () -> -1L;

    private final List<Duration> slept = new ArrayList<>();

    @Test
    void returnsAtOnceWhenTheStoreAnswers() throws Exception {
        assertThat(patience(LOWEST).call(() -> "there", () -> false)).isEqualTo("there");
        assertThat(slept).isEmpty();
    }

    @Test
    void repeatsWithPausesThatDoubleUpToTheLongest() throws Exception {
        assertThat(patience(LOWEST).call(failing(5, "there"), () -> false)).isEqualTo("there");
        assertThat(total()).isEqualTo(Duration.ofMillis(100 + 200 + 400 + 500 + 500));
    }

    @Test
    void shortensPausesByUpToHalf() throws Exception {
        patience(HIGHEST).call(failing(1, "there"), () -> false);
        assertThat(total()).isBetween(Duration.ofMillis(50), Duration.ofMillis(51));
    }

    @Test
    void givesUpWhenStoppedDuringAPause() {
        AtomicInteger calls = new AtomicInteger();
        Supplier<String> never =
                () -> {
                    calls.incrementAndGet();
                    throw away();
                };
        assertThatThrownBy(() -> patience(LOWEST).call(never, () -> slept.size() == 2))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(calls).hasValue(2);
        assertThat(total()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void refusalIsNotRepeated() {
        assertThatThrownBy(() ->
                        patience(LOWEST)
                                .run(
                                        () -> {
                                            throw new StoreRefusedException(
                                                    "no", new RuntimeException());
                                        },
                                        () -> false))
                .isInstanceOf(StoreRefusedException.class);
        assertThat(slept).isEmpty();
    }

    @Test
    void interruptionDuringACallEndsTheWait() {
        Supplier<String> interrupted =
                () -> {
                    Thread.currentThread().interrupt();
                    throw away();
                };
        assertThatThrownBy(() -> patience(LOWEST).call(interrupted, () -> false))
                .isInstanceOf(InterruptedException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void refusesPausesThatShrink() {
        assertThatThrownBy(() ->
                        new Patience(
                                Duration.ofSeconds(2), Duration.ofSeconds(1), slept::add, LOWEST))
                .hasMessageContaining("PT2S to PT1S");
    }

    private Patience patience(RandomGenerator random) {
        return new Patience(Duration.ofMillis(100), Duration.ofMillis(500), slept::add, random);
    }

    private Duration total() {
        return slept.stream().reduce(Duration.ZERO, Duration::plus);
    }

    private static Supplier<String> failing(int times, String then) {
        AtomicInteger left = new AtomicInteger(times);
        return () -> {
            if (left.getAndDecrement() > 0) {
                throw away();
            }
            return then;
        };
    }

    private static StoreUnavailableException away() {
        return new StoreUnavailableException("away", new RuntimeException());
    }
}
