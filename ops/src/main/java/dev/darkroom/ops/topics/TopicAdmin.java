package dev.darkroom.ops.topics;

import dev.darkroom.ops.topics.TopicPlan.Limits;
import dev.darkroom.ops.topics.TopicPlan.Planned;
import dev.darkroom.ops.topics.TopicReport.Line;
import dev.darkroom.ops.topics.TopicReport.Status;
import dev.darkroom.protocol.topic.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.TopicExistsException;

/// Creates a lane's topics and sets its share group's configuration. Whatever exists is compared
/// and left alone: a difference is reported, never removed.
public final class TopicAdmin implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private final Admin admin;
    private final String bootstrap;

    private TopicAdmin(Admin admin, String bootstrap) {
        this.admin = admin;
        this.bootstrap = bootstrap;
    }

    /// Connects when the first question is asked.
    ///
    /// @param bootstrap addresses of brokers, `host:port[,host:port…]`
    public static TopicAdmin connect(String bootstrap) {
        return connect(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap));
    }

    /// Connects when the first question is asked.
    ///
    /// @param kafka client settings: `bootstrap.servers` and, where the cluster asks for it,
    ///   security
    public static TopicAdmin connect(Map<String, String> kafka) {
        Map<String, Object> settings = new HashMap<>(kafka);
        settings.putIfAbsent(AdminClientConfig.CLIENT_ID_CONFIG, "darkroom-topics");
        settings.putIfAbsent(
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                Integer.toString((int) PATIENCE.toMillis()));
        return new TopicAdmin(
                Admin.create(settings),
                kafka.getOrDefault(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, ""));
    }

    /// Creates what is missing, and compares what is there.
    ///
    /// @throws TopicAdminException when the brokers cannot be reached or refuse
    public TopicReport create(Topics topics, Layout layout) {
        List<Line> lines = new ArrayList<>();
        List<String> created = new ArrayList<>();
        List<Planned> plan = TopicPlan.topics(topics, layout);
        Set<String> existing = await("list topics", admin.listTopics().names());
        boolean deadLetters =
                configOf(new ConfigResource(ConfigResource.Type.GROUP, topics.shareGroup()))
                                .get(TopicPlan.DEAD_LETTER_SETTING)
                        != null;
        for (Planned topic : plan) {
            if (topic.name().equals(TopicPlan.deadLetters(topics)) && !deadLetters) {
                lines.add(
                        new Line(
                                "topic " + topic.name(),
                                Status.UNAVAILABLE,
                                "this broker has no dead-letter topics"));
            } else if (!existing.contains(topic.name()) && createTopic(topic, layout)) {
                created.add(topic.name());
                lines.add(
                        new Line(
                                "topic " + topic.name(),
                                Status.CREATED,
                                partitions(topic.partitions())));
            } else {
                lines.add(compare(topic, layout));
            }
        }
        awaitSeen(
                "new topics",
                () -> await("list topics", admin.listTopics().names()).containsAll(created));
        Map<String, String> settings = TopicPlan.group(topics, layout, limits());
        lines.addAll(configureGroup(topics.shareGroup(), settings));
        lines.addAll(configureGroup(topics.resumeGroup(), settings));
        return new TopicReport(lines);
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(5));
    }

    /// Whether this call created it; somebody else may have been quicker.
    private boolean createTopic(Planned topic, Layout layout) {
        Optional<Short> replication =
                layout.replication() == Layout.BROKER_DEFAULT
                        ? Optional.empty()
                        : Optional.of((short) layout.replication());
        NewTopic asked =
                new NewTopic(topic.name(), Optional.of(topic.partitions()), replication)
                        .configs(topic.settings());
        try {
            await("create topic " + topic.name(), admin.createTopics(List.of(asked)).all());
            return true;
        } catch (TopicAdminException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw e;
        }
    }

    private Line compare(Planned topic, Layout layout) {
        TopicDescription found =
                await(
                                "describe topic " + topic.name(),
                                admin.describeTopics(List.of(topic.name())).allTopicNames())
                        .values()
                        .iterator()
                        .next();
        Config config = configOf(new ConfigResource(ConfigResource.Type.TOPIC, topic.name()));
        List<String> differences = new ArrayList<>();
        int partitions = found.partitions().size();
        if (partitions != topic.partitions()) {
            differences.add("has " + partitions(partitions) + ", asked for " + topic.partitions());
        }
        int copies = found.partitions().getFirst().replicas().size();
        if (layout.replication() != Layout.BROKER_DEFAULT && copies != layout.replication()) {
            differences.add("is replicated " + copies + "×, asked for " + layout.replication());
        }
        topic.settings()
                .forEach((name, asked) -> {
                    String value = value(config, name);
                    if (!sameSetting(asked, value)) {
                        differences.add(name + " is " + value + ", asked for " + asked);
                    }
                });
        String subject = "topic " + topic.name();
        return differences.isEmpty()
                ? new Line(subject, Status.EXISTED, partitions(partitions))
                : new Line(
                        subject,
                        Status.DIFFERS,
                        String.join("; ", differences)
                                + ". Left as it is: alter it with kafka-topics.sh or"
                                + " kafka-configs.sh if you want it otherwise");
    }

    private List<Line> configureGroup(String group, Map<String, String> settings) {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.GROUP, group);
        Config config = configOf(resource);
        List<Line> lines = new ArrayList<>();
        List<AlterConfigOp> changes = new ArrayList<>();
        settings.forEach((name, asked) -> {
            String subject = "group " + group + " " + name;
            ConfigEntry entry = config.get(name);
            if (entry == null) {
                lines.add(new Line(subject, Status.UNAVAILABLE, "this broker has no such setting"));
            } else if (entry.source() != ConfigEntry.ConfigSource.DYNAMIC_GROUP_CONFIG) {
                changes.add(
                        new AlterConfigOp(new ConfigEntry(name, asked), AlterConfigOp.OpType.SET));
                lines.add(new Line(subject, Status.CREATED, asked));
            } else if (asked.equals(entry.value())) {
                lines.add(new Line(subject, Status.EXISTED, asked));
            } else {
                lines.add(
                        new Line(
                                subject,
                                Status.DIFFERS,
                                "is "
                                        + entry.value()
                                        + ", asked for "
                                        + asked
                                        + ". Left as it is: alter it with"
                                        + " kafka-configs.sh --alter --entity-type"
                                        + " groups --entity-name "
                                        + group
                                        + " --add-config "
                                        + name
                                        + "="
                                        + asked));
            }
        });
        if (!changes.isEmpty()) {
            await(
                    "configure group " + group,
                    admin.incrementalAlterConfigs(Map.of(resource, changes)).all());
            awaitSeen(
                    "the configuration of group " + group,
                    () -> {
                        Config now = configOf(resource);
                        return changes.stream()
                                .map(AlterConfigOp::configEntry)
                                .allMatch(asked -> value(now, asked.name()).equals(asked.value()));
                    });
        }
        return lines;
    }

    /// Waits until the brokers show what their controller has agreed to: whoever starts a worker
    /// next looks for it.
    private void awaitSeen(String what, BooleanSupplier seen) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!seen.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new TopicAdminException(
                        "The brokers at "
                                + bootstrap
                                + " have taken "
                                + what
                                + " but do not show it after "
                                + PATIENCE);
            }
            LockSupport.parkNanos(LOOK_AGAIN.toNanos());
        }
    }

    /// What this cluster's brokers allow a group to have at most.
    private Limits limits() {
        Node node =
                await("describe the cluster", admin.describeCluster().nodes()).iterator().next();
        Config broker = configOf(new ConfigResource(ConfigResource.Type.BROKER, node.idString()));
        return new Limits(
                number(broker, "group.share.max.delivery.count.limit", 10),
                number(broker, "group.share.max.partition.max.record.locks", 4000));
    }

    private Config configOf(ConfigResource resource) {
        return await(
                        "read the configuration of " + resource.type() + " " + resource.name(),
                        admin.describeConfigs(List.of(resource)).all())
                .getOrDefault(resource, new Config(List.of()));
    }

    private <T> T await(String what, KafkaFuture<T> answer) {
        try {
            return answer.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new TopicAdminException(
                    "Cannot " + what + " at " + bootstrap + ": " + cause.getMessage(), cause);
        } catch (TimeoutException e) {
            throw new TopicAdminException(
                    "Cannot " + what + " at " + bootstrap + ": no answer within " + PATIENCE, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicAdminException("Interrupted while trying to " + what, e);
        }
    }

    private static int number(Config config, String name, int otherwise) {
        ConfigEntry entry = config.get(name);
        return entry == null || entry.value() == null ? otherwise : Integer.parseInt(entry.value());
    }

    private static String value(Config config, String name) {
        ConfigEntry entry = config.get(name);
        return entry == null || entry.value() == null ? "absent" : entry.value();
    }

    /// Lists such as `compact,delete` are equal in any order.
    private static boolean sameSetting(String asked, String found) {
        return new HashSet<>(List.of(asked.split(",", -1)))
                .equals(new HashSet<>(List.of(found.split(",", -1))));
    }

    private static String partitions(int count) {
        return count == 1 ? "1 partition" : count + " partitions";
    }
}
