package dev.darkroom.protocol.client;

import static dev.darkroom.protocol.client.Events.cancelled;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.codec.Message;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.job.JobId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FollowerTest {
    private static final ClientOptions OPTIONS = ClientOptions.of("nowhere:9092");
    private static final TopicPartition EVENTS = new TopicPartition(OPTIONS.topics().events(), 0);
    private static final TopicPartition PROGRESS =
            new TopicPartition(OPTIONS.topics().progress(), 0);

    private final MockConsumer<String, byte[]> consumer = new MockConsumer<>("earliest");
    private final Follower follower = new Follower(OPTIONS, consumer);
    private long offset;

    FollowerTest() {
        for (TopicPartition partition : List.of(EVENTS, PROGRESS)) {
            consumer.updatePartitions(
                    partition.topic(),
                    List.of(
                            new PartitionInfo(
                                    partition.topic(),
                                    0,
                                    Node.noNode(),
                                    new Node[0],
                                    new Node[0])));
            consumer.updateBeginningOffsets(Map.of(partition, 0L));
            consumer.updateEndOffsets(Map.of(partition, 0L));
        }
    }

    @Test
    void bringsAThousandFollowedJobsToTheirEndsAmongManyOthers() {
        follower.start();
        List<Feed> feeds = new ArrayList<>();
        for (int job = 0; job < 1_000; job++) {
            feeds.add(follower.follow(new JobId("job-" + job), Follower.Start.NOW).join());
        }
        consumer.schedulePollTask(() -> {
            for (int job = 0; job < 1_000; job++) {
                add(cancelled(new JobId("other-" + job), 1, 0, 0));
                add(cancelled(new JobId("job-" + job), 1, 0, 0));
            }
        });
        for (Feed feed : feeds) {
            assertThat(feed.result().toCompletableFuture().join().header().job())
                    .isEqualTo(feed.job());
        }
        follower.close();
    }

    @Test
    void followsNothingForACallerThatGaveUpBeforeItsTurn() {
        CompletableFuture<Feed> given = follower.follow(new JobId("late"), Follower.Start.NOW);
        given.cancel(false);
        follower.start();
        follower.close();
        assertThat(consumer.assignment()).isEmpty();
        assertThat(given).isCancelled();
    }

    @Test
    void closingFailsWhatIsFollowedAndAnswersWhoAsksLater() {
        follower.start();
        Feed feed = follower.follow(Events.JOB, Follower.Start.BEGINNING).join();
        follower.close();
        assertThatThrownBy(() -> feed.stream().toList())
                .isInstanceOf(DarkroomClientException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> follower.follow(Events.JOB, Follower.Start.NOW).join())
                .hasCauseInstanceOf(DarkroomClientException.class)
                .hasMessageContaining("closed");
    }

    @Test
    void aFollowingThatCannotBeginFailsAloneWhateverTheReason() {
        consumer.updatePartitions(OPTIONS.topics().progress(), List.of());
        follower.start();
        assertThatThrownBy(() -> follower.follow(Events.JOB, Follower.Start.NOW).join())
                .hasMessageContaining("topics create");
        consumer.updatePartitions(
                OPTIONS.topics().progress(),
                List.of(
                        new PartitionInfo(
                                OPTIONS.topics().progress(),
                                0,
                                Node.noNode(),
                                new Node[0],
                                new Node[0])));
        Feed feed = follower.follow(Events.JOB, Follower.Start.NOW).join();
        consumer.schedulePollTask(() -> add(cancelled(1, 0, 0)));
        assertThat(feed.result().toCompletableFuture().join()).isEqualTo(cancelled(1, 0, 0));
        follower.close();
    }

    private void add(JobEvent event) {
        Message message = EventCodec.encode(event);
        RecordHeaders headers = new RecordHeaders();
        message.headers()
                .forEach(
                        (name, value) -> headers.add(name, value.getBytes(StandardCharsets.UTF_8)));
        consumer.addRecord(
                new ConsumerRecord<>(
                        EVENTS.topic(),
                        0,
                        offset++,
                        0,
                        TimestampType.CREATE_TIME,
                        0,
                        0,
                        message.key(),
                        message.value(),
                        headers,
                        Optional.empty()));
    }
}
