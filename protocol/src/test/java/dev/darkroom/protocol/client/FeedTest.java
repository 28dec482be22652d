package dev.darkroom.protocol.client;

import static dev.darkroom.protocol.client.Events.cancelled;
import static dev.darkroom.protocol.client.Events.handedBack;
import static dev.darkroom.protocol.client.Events.progress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class FeedTest {
    private final Feed feed = new Feed(Events.JOB);

    @Test
    void givesEventsAsTheyComeAndEndsAtTheTerminalOne() throws InterruptedException {
        BlockingQueue<JobEvent> seen = new LinkedBlockingQueue<>();
        Stream<JobEvent> stream = feed.stream();
        Thread reader = Thread.ofVirtual().start(() -> stream.forEach(seen::add));

        feed.offer(handedBack(1, 0, 0));
        assertThat(seen.take()).isEqualTo(handedBack(1, 0, 0));
        feed.offer(progress(1, 1, 1));
        assertThat(seen.take()).isEqualTo(progress(1, 1, 1));
        feed.offer(cancelled(1, 1, 2));
        reader.join();

        assertThat(seen).containsExactly(cancelled(1, 1, 2));
        assertThat(feed.isOver()).isTrue();
        assertThat(feed.result().toCompletableFuture().join()).isEqualTo(cancelled(1, 1, 2));
    }

    @Test
    void tellsLateReadersTheLifecycleAndTheLatestProgress() {
        feed.offer(progress(1, 0, 0));
        feed.offer(handedBack(1, 0, 1));
        feed.offer(progress(1, 1, 2));
        feed.offer(progress(1, 1, 3));
        Stream<JobEvent> early = feed.stream();
        feed.offer(cancelled(1, 1, 4));

        assertThat(early)
                .containsExactly(handedBack(1, 0, 1), progress(1, 1, 3), cancelled(1, 1, 4));
        assertThat(feed.stream()).containsExactly(handedBack(1, 0, 1), cancelled(1, 1, 4));
    }

    @Test
    void dropsOldProgressOfAReaderThatLagsAndNothingElse() {
        Stream<JobEvent> stream = feed.stream();
        List<JobEvent> all = new ArrayList<>();
        feed.offer(handedBack(1, 0, 0));
        for (int i = 1; i <= 10 * EventQueue.MOST_PROGRESS; i++) {
            all.add(progress(1, 0, i));
            feed.offer(progress(1, 0, i));
        }
        feed.offer(cancelled(1, 0, 100_000));

        List<JobEvent> seen = stream.toList();

        assertThat(seen.getFirst()).isEqualTo(handedBack(1, 0, 0));
        assertThat(seen.getLast()).isEqualTo(cancelled(1, 0, 100_000));
        assertThat(seen.stream().filter(Progress.class::isInstance))
                .isEqualTo(all.subList(9 * EventQueue.MOST_PROGRESS, all.size()));
    }

    @Test
    void breaksItsReadersAndItsResultWhenTheClientFails() {
        Stream<JobEvent> stream = feed.stream();
        CompletableFuture<?> result = feed.result().toCompletableFuture();
        feed.fail(new DarkroomClientException("the client is closed"));

        assertThatThrownBy(stream::toList).isInstanceOf(DarkroomClientException.class);
        assertThatThrownBy(() -> feed.stream().toList())
                .isInstanceOf(DarkroomClientException.class)
                .hasMessage("the client is closed");
        assertThatThrownBy(result::join).hasCauseInstanceOf(DarkroomClientException.class);
    }

    @Test
    void keepsItsEndWhenTheClientFailsLater() {
        feed.offer(cancelled(1, 0, 0));
        feed.fail(new DarkroomClientException("the client is closed"));

        assertThat(feed.stream()).containsExactly(cancelled(1, 0, 0));
        assertThat(feed.result().toCompletableFuture().join()).isEqualTo(cancelled(1, 0, 0));
    }

    @Test
    void canBeReadNoFurtherThanTheReaderWants() {
        feed.offer(handedBack(1, 0, 0));

        try (Stream<JobEvent> stream = feed.stream()) {
            assertThat(stream.limit(1)).containsExactly(handedBack(1, 0, 0));
        }
    }
}
