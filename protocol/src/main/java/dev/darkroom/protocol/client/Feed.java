package dev.darkroom.protocol.client;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.job.JobId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/// What one follower of a job gets to see: news only, in order, to any number of readers. Usable
/// from any thread; never calls its readers while it holds its lock.
final class Feed {
    private final JobId job;
    private final CompletableFuture<Terminal> result = new CompletableFuture<>();
    private final ReentrantLock lock = new ReentrantLock();

    // Guarded by the lock.
    private final Timeline timeline = new Timeline();
    private final List<JobEvent> lifecycle = new ArrayList<>();
    private final List<EventQueue> readers = new ArrayList<>();
    private @Nullable Progress lastProgress;
    private @Nullable DarkroomClientException broken;

    Feed(JobId job) {
        this.job = job;
    }

    /// The job.
    JobId job() {
        return job;
    }

    /// Whether nothing more can come.
    boolean isOver() {
        return result.isDone();
    }

    /// The job's one end; fails when the client does.
    CompletionStage<Terminal> result() {
        return result.minimalCompletionStage();
    }

    /// Takes what came from a topic, and passes it on when it is news.
    void offer(JobEvent event) {
        lock.lock();
        try {
            if (broken != null || !timeline.isNews(event)) {
                return;
            }
            if (event instanceof Progress progress) {
                lastProgress = progress;
            } else {
                lifecycle.add(event);
                lastProgress = null;
            }
            readers.forEach(reader -> reader.put(event));
        } finally {
            lock.unlock();
        }
        if (event instanceof Terminal terminal) {
            result.complete(terminal);
        }
    }

    /// Ends the feed without an end of the job.
    void fail(DarkroomClientException error) {
        lock.lock();
        try {
            if (broken == null) {
                broken = error;
            }
            readers.forEach(reader -> reader.fail(error));
        } finally {
            lock.unlock();
        }
        result.completeExceptionally(error);
    }

    /// The lifecycle so far, the latest progress since, and then what comes, up to and with the
    /// terminal event. The stream blocks its reader; closing it lets its queue go.
    Stream<JobEvent> stream() {
        EventQueue queue = new EventQueue();
        lock.lock();
        try {
            lifecycle.forEach(queue::put);
            if (lastProgress != null) {
                queue.put(lastProgress);
            }
            if (broken != null) {
                queue.fail(broken);
            }
            readers.add(queue);
        } finally {
            lock.unlock();
        }
        return StreamSupport.stream(new Reader(queue), false).onClose(() -> leave(queue));
    }

    private void leave(EventQueue queue) {
        lock.lock();
        try {
            readers.remove(queue);
        } finally {
            lock.unlock();
        }
    }

    private static final class Reader extends Spliterators.AbstractSpliterator<JobEvent> {
        private final EventQueue queue;

        Reader(EventQueue queue) {
            super(Long.MAX_VALUE, Spliterator.ORDERED | Spliterator.NONNULL);
            this.queue = queue;
        }

        @Override
        public boolean tryAdvance(Consumer<? super JobEvent> action) {
            Optional<JobEvent> next = queue.take();
            next.ifPresent(action);
            return next.isPresent();
        }
    }
}
