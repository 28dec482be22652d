package dev.darkroom.protocol.client;

import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// What a subscriber has seen of one job, and so what is news to it. Events come at least once,
/// from two topics that overtake each other, and perhaps from a worker that no longer has the job.
/// News is what no newer event of its topic came before: a lifecycle event is not stale because
/// progress overtook it, but progress is stale once a newer lifecycle event was seen. After a
/// terminal event nothing is news.
///
/// Used by one thread.
final class Timeline {
    private static final Comparator<EventHeader> AGE =
            Comparator.comparingInt(EventHeader::attempt)
                    .thenComparingInt(EventHeader::handBacks)
                    .thenComparing(EventHeader::run)
                    .thenComparingLong(EventHeader::sequence);

    private @Nullable EventHeader newestLifecycle;
    private @Nullable EventHeader newestProgress;
    private boolean ended;

    /// Whether the event is news; then it counts as seen.
    boolean isNews(JobEvent event) {
        if (ended) {
            return false;
        }
        EventHeader header = event.header();
        if (event instanceof Progress) {
            if (!isNewer(header, newestLifecycle) || !isNewer(header, newestProgress)) {
                return false;
            }
            newestProgress = header;
            return true;
        }
        // Whoever ends the job may have started counting anew: an end is an end.
        ended = event instanceof Terminal;
        if (!ended && !isNewer(header, newestLifecycle)) {
            return false;
        }
        newestLifecycle = header;
        return true;
    }

    private static boolean isNewer(EventHeader header, @Nullable EventHeader than) {
        return than == null || AGE.compare(header, than) > 0;
    }
}
