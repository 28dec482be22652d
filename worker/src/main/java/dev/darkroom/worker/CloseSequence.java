package dev.darkroom.worker;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What was started, closed in reverse order: every step once, each within its time, and whatever a
/// step does, the next one comes.
///
/// Safe for any thread.
final class CloseSequence implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CloseSequence.class);

    private final Duration perStep;

    // Guarded by this.
    private final Deque<Step> steps = new ArrayDeque<>();

    private record Step(String name, AutoCloseable resource) {}

    /// An empty sequence.
    ///
    /// @param perStep how long a step may take before the next one begins
    CloseSequence(Duration perStep) {
        this.perStep = perStep;
    }

    /// Takes charge of something that has started.
    ///
    /// @param name for the log, when closing it fails
    /// @return `resource`
    synchronized <T extends AutoCloseable> T add(String name, T resource) {
        steps.push(new Step(name, resource));
        return resource;
    }

    @Override
    public void close() {
        for (Step step = next(); step != null; step = next()) {
            close(step);
        }
    }

    private synchronized @Nullable Step next() {
        return steps.poll();
    }

    private void close(Step step) {
        CompletableFuture<Void> closed = new CompletableFuture<>();
        Thread.ofPlatform()
                .daemon()
                .name("close-" + step.name())
                .start(() -> {
                    try {
                        step.resource().close();
                        closed.complete(null);
                    } catch (Throwable e) {
                        closed.completeExceptionally(e);
                    }
                });
        try {
            closed.get(perStep.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("{} does not close within {}; going on", step.name(), perStep, e);
        } catch (ExecutionException e) {
            LOG.warn("{} could not be closed", step.name(), e.getCause());
        } catch (InterruptedException e) {
            // Whoever closes is to end soon: the rest is closed all the same, without waiting.
            Thread.currentThread().interrupt();
        }
    }
}
