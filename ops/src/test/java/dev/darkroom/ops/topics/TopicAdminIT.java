package dev.darkroom.ops.topics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.ops.local.LocalKafka;
import dev.darkroom.ops.topics.TopicReport.Line;
import dev.darkroom.ops.topics.TopicReport.Status;
import dev.darkroom.protocol.topic.Topics;
import java.time.Duration;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TopicAdminIT {
    private static final Layout LAYOUT = Layout.DEFAULT.partitions(3);

    @AutoClose private static LocalKafka kafka;

    @BeforeAll
    static void start() {
        kafka = LocalKafka.start(LocalKafka.Options.temporary());
    }

    @Test
    void createsEveryTopicAndGroupSettingOfALaneOnce() {
        Topics topics = new Topics("once.", "default");
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrap())) {
            assertThat(admin.create(topics, LAYOUT).lines())
                    .extracting(Line::subject)
                    .contains(
                            "topic once.jobs",
                            "topic once.jobs.resume",
                            "topic once.retry.10s",
                            "topic once.retry.1m",
                            "topic once.retry.10m",
                            "topic dlq.once.jobs",
                            "topic once.commands",
                            "topic once.events",
                            "topic once.progress",
                            "topic once.workers",
                            "group darkroom-workers share.auto.offset.reset",
                            "group darkroom-workers errors.deadletterqueue.topic.name");
            TopicReport again = admin.create(topics, LAYOUT);
            assertThat(again.lines()).extracting(Line::status).containsOnly(Status.EXISTED);
            assertThat(again.differs()).isFalse();
        }
    }

    @Test
    void reportsDifferencesAndLeavesThemAlone() {
        Topics topics = new Topics("differs.", "gpu");
        try (TopicAdmin admin = TopicAdmin.connect(kafka.bootstrap())) {
            TopicReport first = admin.create(topics, LAYOUT);
            assertThat(first.lines()).extracting(Line::status).containsOnly(Status.CREATED);
            Layout other = LAYOUT.partitions(5).lock(Duration.ofSeconds(20));
            for (int time = 0; time < 2; time++) {
                TopicReport report = admin.create(topics, other);
                assertThat(report.differs()).isTrue();
                assertThat(report.lines())
                        .filteredOn(line -> line.subject().equals("topic differs.jobs.gpu"))
                        .singleElement()
                        .satisfies(line ->
                                assertThat(line.detail())
                                        .contains("has 3 partitions, asked for 5"));
                assertThat(report.lines())
                        .filteredOn(line ->
                                line.subject()
                                        .equals(
                                                "group darkroom-workers-gpu share.record.lock.duration.ms"))
                        .singleElement()
                        .satisfies(line ->
                                assertThat(line.detail())
                                        .contains("is 30000, asked for 20000")
                                        .contains("--entity-name darkroom-workers-gpu"));
            }
        }
    }
}
