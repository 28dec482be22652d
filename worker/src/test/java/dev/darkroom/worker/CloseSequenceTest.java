package dev.darkroom.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CloseSequenceTest {
    private final List<String> closed = new CopyOnWriteArrayList<>();

    @Test
    void closesInReverseAndEachOnce() {
        CloseSequence parts = new CloseSequence(Duration.ofSeconds(10));
        parts.add("first", () -> closed.add("first"));
        parts.add("second", () -> closed.add("second"));

        parts.close();
        parts.close();

        assertThat(closed).containsExactly("second", "first");
    }

    @Test
    void goesOnAfterAStepThatThrows() {
        CloseSequence parts = new CloseSequence(Duration.ofSeconds(10));
        parts.add("first", () -> closed.add("first"));
        parts.add(
                "broken",
                () -> {
                    throw new NoClassDefFoundError("gone");
                });

        parts.close();

        assertThat(closed).containsExactly("first");
    }

    @Test
    void goesOnAfterAStepThatDoesNotEnd() {
        CountDownLatch never = new CountDownLatch(1);
        CloseSequence parts = new CloseSequence(Duration.ofMillis(50));
        parts.add("first", () -> closed.add("first"));
        parts.add("stuck", never::await);

        parts.close();

        assertThat(closed).containsExactly("first");
        never.countDown();
    }

    @Test
    void closesAllTheSameWhenItsThreadIsInterrupted() throws InterruptedException {
        CountDownLatch both = new CountDownLatch(2);
        CloseSequence parts = new CloseSequence(Duration.ofSeconds(10));
        parts.add("first", both::countDown);
        parts.add("second", both::countDown);

        Thread.currentThread().interrupt();
        parts.close();

        assertThat(Thread.interrupted()).isTrue();
        both.await();
    }
}
