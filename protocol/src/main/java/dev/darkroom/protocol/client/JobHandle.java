package dev.darkroom.protocol.client;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.job.JobId;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/// A job that a client follows. Usable from any thread; of no use once its client is closed.
public final class JobHandle implements AutoCloseable {
    private final DarkroomClient client;
    private final Feed feed;

    JobHandle(DarkroomClient client, Feed feed) {
        this.client = client;
        this.feed = feed;
    }

    /// The job's id.
    public JobId id() {
        return feed.job();
    }

    /// The job's events, live, up to and with the terminal event: first the lifecycle that was seen
    /// before this call, with the latest progress, then what comes. Each call gives a stream of its
    /// own. The stream blocks its reader between events; a reader that lags loses old progress and
    /// nothing else. What is older than an event already seen, and all after the terminal event, is
    /// left out. When the client is closed or fails, the stream throws [DarkroomClientException].
    public Stream<JobEvent> events() {
        return feed.stream();
    }

    /// The job's one end. Completes on the client's own thread, so what depends on it must not
    /// block; fails with [DarkroomClientException] when the client is closed or fails.
    public CompletionStage<Terminal> result() {
        return feed.result();
    }

    /// Asks the fleet to end the job; see [DarkroomClient#cancel(JobId, String)].
    public void cancel(String reason) {
        client.cancel(id(), reason);
    }

    /// Stops following. The job goes on.
    @Override
    public void close() {
        client.leave(feed);
    }
}
