package dev.darkroom.ops.local;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One Kafka broker, its own controller, inside this process: share groups are on, and it listens
/// on loopback only.
///
/// Its data lies in a folder, so a later start finds everything again; or in a temporary one that
/// [#close] removes. Start and stop are for one thread at a time.
public final class LocalKafka implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalKafka.class);
    private static final String CONTROLLER = "CONTROLLER";
    private static final String CLIENTS = "PLAINTEXT";
    private static final int NODE = 1;
    private static final int BIND_ATTEMPTS = 5;

    private final Path folder;
    private final FolderLock lock;
    private final Options options;
    private final Ports.Pair ports;

    // Owned by the thread that starts and stops the broker.
    private @Nullable KafkaRaftServer server;

    private LocalKafka(Path folder, FolderLock lock, Options options, Ports.Pair ports) {
        this.folder = folder;
        this.lock = lock;
        this.options = options;
        this.ports = ports;
    }

    /// How a local broker is run.
    ///
    /// @param folder where its data is kept; absent: a temporary folder that is removed at the end
    /// @param port where clients find it; 0: a free one
    /// @param pace how quickly groups notice their members
    public record Options(@Nullable Path folder, int port, Pace pace) {
        /// Data that outlives the broker, kept in `folder`.
        public static Options in(Path folder) {
            return new Options(folder, 0, Pace.BRISK);
        }

        /// Data that goes when the broker goes.
        public static Options temporary() {
            return new Options(null, 0, Pace.BRISK);
        }

        /// The same on a given port.
        public Options port(int chosen) {
            return new Options(folder, chosen, pace);
        }

        /// The same at another pace.
        public Options pace(Pace chosen) {
            return new Options(folder, port, chosen);
        }
    }

    /// How quickly share groups notice members that come and go.
    public enum Pace {
        /// As a broker does out of the box: a new member waits about five seconds for its first
        /// record, and a lock lasts at least 15 s.
        BROKER_DEFAULT,
        /// Heartbeats ten times a second, and locks as short as one second are allowed: for one
        /// process on one machine.
        BRISK
    }

    /// Starts a broker whose data is kept in `folder`, at [Pace#BRISK].
    ///
    /// @throws LocalServiceException when it cannot be started
    public static LocalKafka start(Path folder) {
        return start(Options.in(folder));
    }

    /// Starts a broker and returns when it serves clients, after some seconds.
    ///
    /// @throws LocalServiceException when it cannot be started: the folder is in use, or the port
    ///   is
    public static LocalKafka start(Options options) {
        try {
            Path given = options.folder();
            Path folder =
                    given == null
                            ? Files.createTempDirectory("darkroom-kafka-")
                            : Files.createDirectories(given).toAbsolutePath();
            FolderLock lock = FolderLock.take(folder);
            try {
                return start(folder, lock, options);
            } catch (RuntimeException e) {
                lock.close();
                throw e;
            }
        } catch (IOException e) {
            throw new LocalServiceException("Cannot prepare the local Kafka broker's folder", e);
        }
    }

    private static LocalKafka start(Path folder, FolderLock lock, Options options)
            throws IOException {
        boolean fresh = format(folder);
        for (int attempt = 1; ; attempt++) {
            Ports.Pair free = Ports.two();
            int clients = options.port() == 0 ? free.first() : options.port();
            LocalKafka kafka =
                    new LocalKafka(folder, lock, options, new Ports.Pair(clients, free.second()));
            try {
                kafka.start();
                if (fresh) {
                    kafka.createGroupTopics();
                }
                return kafka;
            } catch (LocalServiceException e) {
                if (!isBindFailure(e) || options.port() != 0 || attempt == BIND_ATTEMPTS) {
                    throw e;
                }
                LOG.debug("A port was taken meanwhile; trying others", e);
            }
        }
    }

    /// Where clients connect, `127.0.0.1:<port>`.
    public String bootstrap() {
        return Ports.LOOPBACK + ":" + ports.first();
    }

    /// Whether the broker is up.
    public boolean running() {
        return server != null;
    }

    /// Starts the broker again after [#stop], on the same port and with the same data.
    ///
    /// @throws LocalServiceException when it cannot be started
    public void start() {
        if (server != null) {
            return;
        }
        KafkaRaftServer starting = null;
        try {
            starting = new KafkaRaftServer(new KafkaConfig(settings(), false), Time.SYSTEM);
            starting.startup();
            server = starting;
        } catch (RuntimeException e) {
            if (starting != null) {
                starting.shutdown();
            }
            throw new LocalServiceException(
                    "Cannot start the local Kafka broker at "
                            + bootstrap()
                            + " with its data in "
                            + folder
                            + ": "
                            + (isBindFailure(e) ? "the port is in use" : e.getMessage()),
                    e);
        }
    }

    /// Stops the broker; its port and data stay reserved for a later [#start()].
    public void stop() {
        KafkaRaftServer running = server;
        if (running != null) {
            server = null;
            running.shutdown();
            running.awaitShutdown();
        }
    }

    /// Stops the broker, gives its folder up and, if that was a temporary one, removes it.
    @Override
    public void close() {
        stop();
        try {
            lock.close();
            if (options.folder() == null) {
                Folders.delete(folder);
            }
        } catch (IOException e) {
            throw new LocalServiceException("Cannot give up the broker's folder " + folder, e);
        }
    }

    /// Creates the topics in which the broker keeps what it knows of groups, as it does itself when
    /// the first member of one joins: that member would have to wait some seconds for them.
    private void createGroupTopics() {
        Map<String, String> compacted = Map.of("cleanup.policy", "compact");
        // As the share coordinator's own ShareCoordinatorService.shareGroupStateTopicConfigs has
        // it.
        Map<String, String> kept = Map.of("cleanup.policy", "delete", "retention.ms", "-1");
        List<NewTopic> topics =
                List.of(
                        new NewTopic(Topic.GROUP_METADATA_TOPIC_NAME, 1, (short) 1)
                                .configs(compacted),
                        new NewTopic(Topic.SHARE_GROUP_STATE_TOPIC_NAME, 1, (short) 1)
                                .configs(kept));
        try (Admin admin =
                Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap()))) {
            admin.createTopics(topics).all().get();
        } catch (ExecutionException e) {
            // It creates them when they are needed.
            LOG.debug("The topics of groups are not there yet", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Writes the cluster's id and feature levels into the folder, unless an earlier start did.
    ///
    /// @return whether it is a new cluster
    private static boolean format(Path folder) {
        if (Files.exists(folder.resolve("meta.properties"))) {
            return false;
        }
        try (PrintStream nowhere =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
            new Formatter()
                    .setPrintStream(nowhere)
                    .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
                    .setFeatureLevel(
                            Feature.SHARE_VERSION.featureName(),
                            Feature.SHARE_VERSION.latestProduction())
                    .setNodeId(NODE)
                    .setClusterId(Uuid.randomUuid().toString())
                    .setControllerListenerName(CONTROLLER)
                    .setMetadataLogDirectory(folder.toString())
                    .addDirectory(folder.toString())
                    .run();
            return true;
        } catch (Exception e) {
            throw new LocalServiceException(
                    "Cannot format the local Kafka broker's folder " + folder, e);
        }
    }

    private static boolean isBindFailure(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof BindException) {
                return true;
            }
        }
        return false;
    }

    private Properties settings() {
        Map<String, String> settings = new HashMap<>();
        String clients = CLIENTS + "://" + bootstrap();
        String controller = CONTROLLER + "://" + Ports.LOOPBACK + ":" + ports.second();
        settings.put("process.roles", "broker,controller");
        settings.put("node.id", Integer.toString(NODE));
        settings.put("listeners", clients + "," + controller);
        settings.put("advertised.listeners", clients);
        settings.put(
                "listener.security.protocol.map",
                CLIENTS + ":PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
        settings.put("controller.listener.names", CONTROLLER);
        settings.put(
                "controller.quorum.voters", NODE + "@" + Ports.LOOPBACK + ":" + ports.second());
        settings.put("log.dirs", folder.toString());
        settings.put("auto.create.topics.enable", "false");
        aloneInItsCluster(settings);
        small(settings);
        if (options.pace() == Pace.BRISK) {
            brisk(settings);
        }
        Properties properties = new Properties();
        properties.putAll(settings);
        return properties;
    }

    /// There is nobody to replicate the broker's own topics to.
    private static void aloneInItsCluster(Map<String, String> settings) {
        settings.put("offsets.topic.replication.factor", "1");
        settings.put("offsets.topic.num.partitions", "1");
        settings.put("transaction.state.log.replication.factor", "1");
        settings.put("transaction.state.log.min.isr", "1");
        settings.put("transaction.state.log.num.partitions", "1");
        settings.put("share.coordinator.state.topic.replication.factor", "1");
        settings.put("share.coordinator.state.topic.min.isr", "1");
        settings.put("share.coordinator.state.topic.num.partitions", "1");
        settings.put("group.initial.rebalance.delay.ms", "0");
    }

    /// One person's broker needs neither a server's threads nor its buffers.
    private static void small(Map<String, String> settings) {
        settings.put("num.network.threads", "2");
        settings.put("num.io.threads", "4");
        settings.put("background.threads", "2");
        settings.put("log.cleaner.dedupe.buffer.size", "2097152");
        settings.put("log.index.size.max.bytes", "1048576");
    }

    private static void brisk(Map<String, String> settings) {
        settings.put("group.share.min.heartbeat.interval.ms", "100");
        settings.put("group.share.heartbeat.interval.ms", "100");
        settings.put("group.share.assignment.interval.ms", "0");
        settings.put("group.share.min.record.lock.duration.ms", "1000");
    }
}
