package dev.darkroom.ops.cli;

import dev.darkroom.protocol.client.ClientOptions;
import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.topic.Topics;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How to reach the fleet's topics: options of every command that speaks to Kafka.
final class KafkaOptions {
    /// Where `darkroom local` serves Kafka unless told otherwise.
    static final int LOCAL_PORT = 9092;

    private static final Duration PATIENCE = Duration.ofSeconds(8);

    @Option(
            names = "--bootstrap",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:DARKROOM_KAFKA_BOOTSTRAP:-127.0.0.1:" + LOCAL_PORT + "}",
            description = "Kafka's address (DARKROOM_KAFKA_BOOTSTRAP). Now: ${DEFAULT-VALUE}")
    private String bootstrap = "";

    @Option(
            names = "--kafka-properties",
            paramLabel = "FILE",
            defaultValue = "${env:DARKROOM_KAFKA_PROPERTIES_FILE}",
            description =
                    "More settings of the Kafka client, such as TLS and SASL"
                            + " (DARKROOM_KAFKA_PROPERTIES_FILE).")
    private @Nullable Path properties;

    @Mixin private final LaneOptions lane = new LaneOptions();

    /// The lane's topics.
    Topics topics() {
        return lane.topics();
    }

    /// Settings of a Kafka client: the address and what the properties file holds.
    Map<String, String> client() {
        Map<String, String> settings = new HashMap<>();
        Path file = properties;
        if (file != null) {
            Properties read = new Properties();
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                read.load(reader);
            } catch (IOException e) {
                throw unreadable(file, Reason.of(e), e);
            } catch (IllegalArgumentException e) {
                throw unreadable(file, String.valueOf(e.getMessage()), e);
            }
            read.stringPropertyNames().forEach(name -> settings.put(name, read.getProperty(name)));
        }
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        return settings;
    }

    /// A connection to the fleet, for its caller to close.
    DarkroomClient connect() {
        return DarkroomClient.connect(
                ClientOptions.of(bootstrap).withTopics(topics()).withKafka(client()));
    }

    /// The job id that was typed.
    static JobId jobId(String typed) {
        try {
            return new JobId(typed);
        } catch (IllegalArgumentException e) {
            throw CommandException.usage(e);
        }
    }

    /// Makes sure that a broker answers, so that nothing waits for one in silence.
    ///
    /// @throws CommandException naming the address and what to do
    void requireBroker() {
        require(List.of());
    }

    /// Makes sure that a broker answers and has the lane's topics.
    ///
    /// @throws CommandException naming what is missing and what to do
    void requireTopics() {
        Topics topics = topics();
        require(List.of(topics.jobs(), topics.commands(), topics.events(), topics.progress()));
    }

    private static CommandException unreadable(Path file, String reason, Exception cause) {
        return new CommandException(
                Exit.USAGE,
                "--kafka-properties is " + file + ", which cannot be read: " + reason,
                cause);
    }

    private void require(Collection<String> names) {
        Map<String, Object> settings = new HashMap<>(client());
        String patience = Long.toString(PATIENCE.toMillis());
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, patience);
        settings.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, patience);
        try (Admin admin = Admin.create(settings)) {
            admin.describeCluster().clusterId().get();
            admin.describeTopics(names).allTopicNames().get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                throw new CommandException(
                        Exit.ENVIRONMENT,
                        "Kafka at "
                                + bootstrap
                                + " lacks at least one of the topics "
                                + String.join(", ", names)
                                + "; create them with: darkroom topics create"
                                + lane.asTyped(),
                        e);
            }
            throw unreachable(e.getCause() == null ? e : e.getCause());
        } catch (KafkaException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(Exit.INTERRUPTED, "interrupted", e);
        }
    }

    private CommandException unreachable(Throwable cause) {
        Throwable reason = cause.getCause() == null ? cause : cause.getCause();
        return new CommandException(
                Exit.ENVIRONMENT,
                "no Kafka broker answers at "
                        + bootstrap
                        + " ("
                        + reason.getMessage()
                        + "); name another with --bootstrap, or start one with: darkroom local",
                cause);
    }
}
