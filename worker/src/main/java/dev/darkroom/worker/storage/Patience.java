package dev.darkroom.worker.storage;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Waits for an object store that is away: repeats a call with growing pauses until it succeeds, is
/// refused for good, or the job is stopped. Immutable; safe for any thread.
public final class Patience {
    private static final Logger LOG = LoggerFactory.getLogger(Patience.class);

    /// A stop is noticed within this time.
    private static final Duration SLICE = Duration.ofMillis(100);

    private final Duration first;
    private final Duration longest;
    private final Sleeper sleeper;
    private final RandomGenerator random;

    /// Patience of a kind of its own.
    ///
    /// @param first pause after the first failure; each later one is twice as long
    /// @param longest longest pause
    /// @param sleeper how time passes
    /// @param random shortens each pause by up to half, so that a fleet does not return in step
    public Patience(Duration first, Duration longest, Sleeper sleeper, RandomGenerator random) {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "pauses are "
                            + first
                            + " to "
                            + longest
                            + "; legal: above zero, the longest not below the first");
        }
        this.first = first;
        this.longest = longest;
        this.sleeper = sleeper;
        this.random = random;
    }

    /// Pauses from half a second to ten seconds, on the real clock.
    public static Patience standard() {
        return new Patience(
                Duration.ofMillis(500),
                Duration.ofSeconds(10),
                Thread::sleep,
                RandomGenerator.getDefault());
    }

    /// Makes the call, again and again while it throws [StoreUnavailableException].
    ///
    /// @param call what to do; must be harmless to repeat
    /// @param stopped whether to give up; asked before every repetition and during pauses
    /// @throws StoreUnavailableException the last one, once `stopped` says so
    public <T> T call(Supplier<T> call, BooleanSupplier stopped) throws InterruptedException {
        Duration pause = first;
        boolean waited = false;
        while (true) {
            try {
                T result = call.get();
                if (waited) {
                    LOG.info("The object store is back");
                }
                return result;
            } catch (StoreUnavailableException e) {
                if (!waited) {
                    waited = true;
                    LOG.warn("{}; waiting for it", e.getMessage());
                }
                if (Thread.interrupted()) {
                    throw new InterruptedException("interrupted during a call to the store");
                }
                sleep(shortened(pause), stopped, e);
                Duration doubled = pause.multipliedBy(2);
                pause = doubled.compareTo(longest) > 0 ? longest : doubled;
            }
        }
    }

    /// The same for a call without a result.
    public void run(Runnable call, BooleanSupplier stopped) throws InterruptedException {
        call(
                () -> {
                    call.run();
                    return true;
                },
                stopped);
    }

    private void sleep(Duration pause, BooleanSupplier stopped, StoreUnavailableException why)
            throws InterruptedException {
        Duration left = pause;
        while (left.isPositive()) {
            if (stopped.getAsBoolean()) {
                throw why;
            }
            Duration slice = left.compareTo(SLICE) < 0 ? left : SLICE;
            sleeper.sleep(slice);
            left = left.minus(slice);
        }
        if (stopped.getAsBoolean()) {
            throw why;
        }
    }

    private Duration shortened(Duration pause) {
        return pause.minusNanos((long) (random.nextDouble() * pause.toNanos() / 2));
    }

    /// Lets time pass.
    @FunctionalInterface
    public interface Sleeper {
        /// Returns after `time`.
        void sleep(Duration time) throws InterruptedException;
    }
}
