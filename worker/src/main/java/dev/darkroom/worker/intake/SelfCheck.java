package dev.darkroom.worker.intake;

import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.config.KafkaAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.FinalizedVersionRange;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/// Looks, before a worker polls for the first time, whether the brokers have what it needs: share
/// groups, the lane's topics, the share groups' configuration. Changes nothing: a worker has no
/// such rights.
public final class SelfCheck {
    private static final String SHARE_FEATURE = "share.version";
    private static final String RENEW = "share.renew.acknowledge.enable";

    /// What a share group must be set to, and why.
    private static final List<Needed> GROUP_SETTINGS =
            List.of(
                    new Needed(
                            "share.auto.offset.reset",
                            "earliest",
                            "jobs sent before the first worker starts would be skipped"),
                    new Needed(
                            "share.isolation.level",
                            "read_committed",
                            "a job that moves between topics could be seen twice"),
                    new Needed(RENEW, "true", "long jobs could not keep their locks"));

    private final KafkaAccess settings;
    private final Duration patience;

    /// A setting that a share group needs.
    ///
    /// @param name of the setting
    /// @param value that it must have
    /// @param otherwise what would happen
    private record Needed(String name, String value, String otherwise) {}

    private SelfCheck(KafkaAccess settings, Duration patience) {
        this.settings = settings;
        this.patience = patience;
    }

    /// Checks everything.
    ///
    /// @param patience how long to wait for an answer of the brokers
    /// @return one message per problem, each with its remedy; empty when all is well
    public static List<String> run(KafkaAccess settings, Duration patience)
            throws InterruptedException {
        Map<String, Object> client = new HashMap<>(settings.kafka());
        int millis = (int) Math.min(Integer.MAX_VALUE, patience.toMillis());
        client.put(AdminClientConfig.CLIENT_ID_CONFIG, settings.worker() + "-check");
        client.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
        client.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
        client.put(AdminClientConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        try (Admin admin = Admin.create(client)) {
            return new SelfCheck(settings, patience).problems(admin);
        } catch (KafkaException e) {
            return List.of(
                    "No Kafka client can be made for "
                            + settings.bootstrap()
                            + ": "
                            + reasons(e)
                            + ". Correct kafka.bootstrap or kafka.properties.");
        }
    }

    private List<String> problems(Admin admin) throws InterruptedException {
        try {
            await(admin.describeCluster().clusterId());
        } catch (ExecutionException | TimeoutException e) {
            return List.of(
                    "No Kafka broker answers at "
                            + settings.bootstrap()
                            + " within "
                            + patience.toSeconds()
                            + " s ("
                            + words(e)
                            + "). Start one, or correct the address.");
        }
        List<String> problems = new ArrayList<>();
        try {
            checkFeature(admin, problems);
            checkTopics(admin, problems);
            checkGroup(admin, Queue.JOBS, problems);
            checkGroup(admin, Queue.RESUME, problems);
        } catch (ExecutionException | TimeoutException e) {
            problems.add(
                    "The brokers at "
                            + settings.bootstrap()
                            + " do not answer the worker's questions ("
                            + words(e)
                            + "). Grant it DESCRIBE on the cluster and DESCRIBE_CONFIGS on its"
                            + " topics and groups.");
        }
        return problems;
    }

    private void checkFeature(Admin admin, List<String> problems)
            throws ExecutionException, InterruptedException, TimeoutException {
        FinalizedVersionRange share =
                await(admin.describeFeatures().featureMetadata())
                        .finalizedFeatures()
                        .get(SHARE_FEATURE);
        if (share == null || share.maxVersionLevel() < 1) {
            problems.add(
                    "Share groups are off at "
                            + settings.bootstrap()
                            + ". Turn them on, on Kafka 4.2 or newer: kafka-features.sh"
                            + " --bootstrap-server "
                            + settings.bootstrap()
                            + " upgrade --feature "
                            + SHARE_FEATURE
                            + "=1");
        }
    }

    private void checkTopics(Admin admin, List<String> problems)
            throws ExecutionException, InterruptedException, TimeoutException {
        Topics topics = settings.topics();
        List<String> needed =
                List.of(
                        topics.jobs(),
                        topics.resume(),
                        topics.commands(),
                        topics.events(),
                        topics.progress(),
                        topics.workers());
        List<String> missing = new ArrayList<>();
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
                admin.describeTopics(needed).topicNameValues().entrySet()) {
            try {
                await(topic.getValue());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
                missing.add(topic.getKey());
            }
        }
        if (!missing.isEmpty()) {
            missing.sort(null);
            problems.add(
                    "Topics are missing at "
                            + settings.bootstrap()
                            + ": "
                            + String.join(", ", missing)
                            + ". Create them: "
                            + createCommand());
        }
    }

    private void checkGroup(Admin admin, Queue queue, List<String> problems)
            throws ExecutionException, InterruptedException, TimeoutException {
        String group = queue.group(settings.topics());
        ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        Config config =
                await(admin.describeConfigs(List.of(resource)).all())
                        .getOrDefault(resource, new Config(List.of()));
        for (Needed needed : GROUP_SETTINGS) {
            String name = needed.name();
            ConfigEntry entry = config.get(name);
            if (entry == null) {
                if (name.equals(RENEW)) {
                    problems.add(
                            "The brokers at "
                                    + settings.bootstrap()
                                    + " cannot renew the lock of a record. Upgrade them to Kafka"
                                    + " 4.2 or newer.");
                }
            } else if (!needed.value().equals(entry.value())) {
                problems.add(
                        "The share group "
                                + group
                                + " has "
                                + name
                                + "="
                                + entry.value()
                                + ", and "
                                + needed.otherwise()
                                + ". Set it to "
                                + needed.value()
                                + ": "
                                + remedy(entry, group, needed));
            }
        }
    }

    /// `topics create` leaves alone what somebody has set.
    private String remedy(ConfigEntry entry, String group, Needed needed) {
        return entry.source() == ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG
                ? "kafka-configs.sh --bootstrap-server "
                        + settings.bootstrap()
                        + " --alter --entity-type groups --entity-name "
                        + group
                        + " --add-config "
                        + entry.name()
                        + "="
                        + needed.value()
                : createCommand();
    }

    private String createCommand() {
        Topics topics = settings.topics();
        String command = "./darkroom topics create --bootstrap " + settings.bootstrap();
        if (!topics.lane().equals(Topics.DEFAULT_LANE)) {
            command += " --lane " + topics.lane();
        }
        if (!topics.prefix().equals(Topics.DEFAULT_PREFIX)) {
            command += " --topic-prefix '" + topics.prefix() + "'";
        }
        return command;
    }

    private <T> T await(KafkaFuture<T> answer)
            throws ExecutionException, InterruptedException, TimeoutException {
        return answer.get(patience.toNanos(), TimeUnit.NANOSECONDS);
    }

    /// What the client says and everything that it says this is because of.
    private static String reasons(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .map(Throwable::getMessage)
                .filter(Objects::nonNull)
                .distinct()
                .collect(Collectors.joining(": "));
    }

    private static String words(Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    }
}
