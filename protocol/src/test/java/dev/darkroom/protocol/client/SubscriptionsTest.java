package dev.darkroom.protocol.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.job.JobId;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class SubscriptionsTest {
    private static final TopicPartition EVENTS_0 = new TopicPartition("events", 0);
    private static final TopicPartition EVENTS_1 = new TopicPartition("events", 1);
    private static final TopicPartition PROGRESS_0 = new TopicPartition("progress", 0);
    private static final JobId OTHER = new JobId("j2");

    private final Subscriptions subscriptions = new Subscriptions();
    private final Feed first = new Feed(Events.JOB);
    private final Feed second = new Feed(Events.JOB);
    private final Feed other = new Feed(OTHER);

    @Test
    void givesAnEventToEveryFollowerOfItsJobAndNobodyElse() {
        addAll();

        subscriptions.deliver(Events.cancelled(1, 0, 0));

        assertThat(first.isOver()).isTrue();
        assertThat(second.isOver()).isTrue();
        assertThat(other.isOver()).isFalse();
    }

    @Test
    void needsAPartitionAsLongAsSomebodyFollowsAJobInIt() {
        addAll();
        assertThat(subscriptions.partitions())
                .containsExactlyInAnyOrder(EVENTS_0, EVENTS_1, PROGRESS_0);

        subscriptions.deliver(Events.cancelled(1, 0, 0));
        assertThat(subscriptions.partitions()).containsExactlyInAnyOrder(EVENTS_1, PROGRESS_0);
        assertThat(subscriptions.follows(Events.JOB.value())).isFalse();
        assertThat(subscriptions.follows(OTHER.value())).isTrue();

        subscriptions.remove(other);
        assertThat(subscriptions.partitions()).isEmpty();
    }

    @Test
    void failsEverybodyAtOnce() {
        addAll();

        subscriptions.failAll(new DarkroomClientException("the brokers are away"));

        assertThat(first.isOver()).isTrue();
        assertThat(other.isOver()).isTrue();
        assertThat(subscriptions.partitions()).isEmpty();
    }

    @Test
    void followsNoKeyThatIsNotAJobId() {
        assertThat(subscriptions.follows("../etc")).isFalse();
    }

    private void addAll() {
        subscriptions.add(first, Set.of(EVENTS_0, PROGRESS_0));
        subscriptions.add(second, Set.of(EVENTS_0, PROGRESS_0));
        subscriptions.add(other, Set.of(EVENTS_1, PROGRESS_0));
    }
}
