package dev.darkroom.ops.topics;

import dev.darkroom.protocol.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What topics a lane needs and with which settings: pure, no broker is asked.
final class TopicPlan {
    /// Waits that a job which may succeed later goes through, as its retry topics are named.
    static final List<String> RETRY_DELAYS = List.of("10s", "1m", "10m");

    /// The group setting that names the dead-letter topic; brokers before 4.4 have neither.
    static final String DEAD_LETTER_SETTING = "errors.deadletterqueue.topic.name";

    /// The broker insists on it (`errors.deadletterqueue.topic.name.prefix`).
    private static final String DEAD_LETTER_PREFIX = "dlq.";

    /// Of the topics that dashboards read: jobs are spread over them by id.
    private static final int EVENT_PARTITIONS = 4;

    /// Largest record of a topic that holds jobs.
    private static final int JOB_BYTES = 1 << 20;

    private TopicPlan() {}

    /// A topic as it should be.
    ///
    /// @param name its name
    /// @param partitions how many
    /// @param settings topic-level configuration
    record Planned(String name, int partitions, Map<String, String> settings) {
        /// Copies the map.
        Planned {
            settings = Map.copyOf(settings);
        }
    }

    /// Name of the topic that takes the jobs which the broker gave up on.
    static String deadLetters(Topics topics) {
        return DEAD_LETTER_PREFIX + topics.jobs();
    }

    /// All topics of a lane; those for retries, commands, events, progress and workers are shared
    /// by all lanes.
    static List<Planned> topics(Topics topics, Layout layout) {
        Map<String, String> durable = durable(layout);
        Map<String, String> kept =
                with(
                        durable,
                        "cleanup.policy",
                        "delete",
                        "retention.ms",
                        "-1",
                        "retention.bytes",
                        "-1");

        Map<String, String> jobs = with(kept, "max.message.bytes", Integer.toString(JOB_BYTES));
        List<Planned> plan = new ArrayList<>();
        plan.add(new Planned(topics.jobs(), layout.partitions(), jobs));
        plan.add(new Planned(topics.resume(), layout.partitions(), jobs));
        for (String delay : RETRY_DELAYS) {
            plan.add(new Planned(topics.prefix() + "retry." + delay, 1, jobs));
        }
        // The broker adds headers to a record that it moves here, and does so only if allowed to.
        Map<String, String> deadLetters =
                with(
                        kept,
                        "max.message.bytes",
                        Integer.toString(2 * JOB_BYTES),
                        "errors.deadletterqueue.group.enable",
                        "true");
        plan.add(new Planned(deadLetters(topics), 1, deadLetters));
        plan.add(
                new Planned(
                        topics.commands(),
                        1,
                        with(
                                durable,
                                "cleanup.policy",
                                "compact,delete",
                                "retention.ms",
                                millis(Duration.ofDays(7)))));
        plan.add(
                new Planned(
                        topics.events(),
                        EVENT_PARTITIONS,
                        with(
                                durable,
                                "cleanup.policy",
                                "delete",
                                "retention.ms",
                                millis(Duration.ofDays(7)))));
        plan.add(
                new Planned(
                        topics.progress(),
                        EVENT_PARTITIONS,
                        with(
                                durable,
                                "cleanup.policy",
                                "delete",
                                "retention.ms",
                                millis(Duration.ofHours(1)))));
        plan.add(new Planned(topics.workers(), 1, with(durable, "cleanup.policy", "compact")));
        return List.copyOf(plan);
    }

    /// What is asked of the share group; a broker that lacks one of them is told apart later.
    ///
    /// @param limits the highest delivery count and record locks that the broker allows
    static Map<String, String> group(Topics topics, Layout layout, Limits limits) {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("share.auto.offset.reset", "earliest");
        settings.put("share.isolation.level", "read_committed");
        settings.put("share.record.lock.duration.ms", millis(layout.lock()));
        settings.put("share.delivery.count.limit", Integer.toString(limits.deliveries()));
        settings.put("share.partition.max.record.locks", Integer.toString(limits.recordLocks()));
        settings.put("share.renew.acknowledge.enable", "true");
        settings.put(DEAD_LETTER_SETTING, deadLetters(topics));
        settings.put("errors.deadletterqueue.copy.record.enable", "true");
        return settings;
    }

    /// The highest values that a broker allows a group to have.
    ///
    /// @param deliveries of one record before it is given up
    /// @param recordLocks records of one partition from the oldest unfinished one on
    record Limits(int deliveries, int recordLocks) {}

    /// Three copies or more can lose one and still take writes that another has a copy of.
    private static Map<String, String> durable(Layout layout) {
        return layout.replication() >= 3 ? Map.of("min.insync.replicas", "2") : Map.of();
    }

    private static Map<String, String> with(Map<String, String> settings, String... more) {
        Map<String, String> all = new LinkedHashMap<>(settings);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    private static String millis(Duration time) {
        return Long.toString(time.toMillis());
    }
}
