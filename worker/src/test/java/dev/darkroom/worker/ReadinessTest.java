package dev.darkroom.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReadinessTest {
    @AutoClose private final ExecutorService others = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong now = new AtomicLong();
    private final AtomicInteger questions = new AtomicInteger();

    @Test
    void namesWhatIsMissingAndWhatItsProbesFind() {
        Readiness readiness = new Readiness(List.of(() -> List.of("storage: away")), now::get);
        readiness.lacks("model emoji", "is being loaded");
        readiness.lacks("worker", "is starting");
        readiness.has("worker");

        assertThat(readiness.missing())
                .containsExactly("model emoji: is being loaded", "storage: away");
    }

    @Test
    void asksAgainWhenTenSecondsHavePassed() {
        Readiness readiness =
                new Readiness(
                        List.of(() -> List.of("n: " + questions.incrementAndGet())), now::get);

        assertThat(readiness.missing()).containsExactly("n: 1");
        pass(9);
        assertThat(readiness.missing()).containsExactly("n: 1");
        pass(1);
        assertThat(readiness.missing()).containsExactly("n: 2");
    }

    @Test
    void letsNobodyWaitForAProbeThatSomebodyElseWaitsFor() throws Exception {
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch answer = new CountDownLatch(1);
        Readiness readiness =
                new Readiness(
                        List.of(() -> {
                            asked.countDown();
                            if (questions.incrementAndGet() > 1) {
                                await(answer);
                            }
                            return List.of();
                        }),
                        now::get);
        assertThat(readiness.missing()).isEmpty();
        pass(10);
        Future<List<String>> first = others.submit(readiness::missing);
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();

        assertThat(readiness.missing()).isEmpty();
        pass(20);
        assertThat(readiness.missing()).containsExactly("surroundings: do not answer");

        answer.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(questions).hasValue(2);
    }

    private void pass(long seconds) {
        now.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
