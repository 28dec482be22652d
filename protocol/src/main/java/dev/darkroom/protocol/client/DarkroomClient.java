package dev.darkroom.protocol.client;

import dev.darkroom.protocol.codec.CommandCodec;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.codec.Message;
import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.Command.Cancel;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobBuilder;
import dev.darkroom.protocol.job.JobEnvelope;
import dev.darkroom.protocol.job.JobId;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/// A backend's connection to a fleet: submits jobs, follows and cancels them. One producer and one
/// consumer serve all of its jobs, so a backend needs one. Usable from any thread.
///
/// Blocking calls end within the timeout of the [ClientOptions]; what they could not do they throw
/// as [DarkroomClientException].
public final class DarkroomClient implements AutoCloseable {
    private static final String S3_SCHEME = "s3://";
    private static final Duration LINK_LIFE = Duration.ofHours(1);
    private static final int FETCH_WAIT_MILLIS = 50;

    private final ClientOptions options;
    private final Producer<String, byte[]> producer;
    private final Follower follower;

    private DarkroomClient(
            ClientOptions options, Producer<String, byte[]> producer, Follower follower) {
        this.options = options;
        this.producer = producer;
        this.follower = follower;
    }

    /// Connects to the default lane of these brokers.
    ///
    /// @param bootstrap brokers to ask first, as `host:port`, separated by commas
    public static DarkroomClient connect(String bootstrap) {
        return connect(ClientOptions.of(bootstrap));
    }

    /// Connects to a lane. No broker is asked before the first call that needs one.
    public static DarkroomClient connect(ClientOptions options) {
        Producer<String, byte[]> producer = null;
        try {
            producer =
                    new KafkaProducer<>(
                            producerConfig(options),
                            new StringSerializer(),
                            new ByteArraySerializer());
            Follower follower =
                    new Follower(
                            options,
                            new KafkaConsumer<>(
                                    consumerConfig(options),
                                    new StringDeserializer(),
                                    new ByteArrayDeserializer()));
            follower.start();
            return new DarkroomClient(options, producer, follower);
        } catch (KafkaException e) {
            if (producer != null) {
                producer.close(Duration.ZERO);
            }
            throw new DarkroomClientException("cannot connect to " + options.bootstrap(), e);
        }
    }

    /// Submits a job and follows it from its first event on. Returns when the brokers have the job
    /// safely. To submit the same id again is harmless: the fleet gives the first job's outcome.
    ///
    /// @throws dev.darkroom.protocol.failure.FailureException with everything that is wrong with
    ///   it, as far as a client can know: limits and models are the fleet's
    public JobHandle submit(Job job) {
        byte[] value = JobCodec.encode(JobEnvelope.of(job));
        JobCodec.decode(value);
        Feed feed = startFollowing(job.id(), Follower.Start.NOW);
        try {
            Message message =
                    new Message(
                            job.id().value(), Map.of("content-type", JobCodec.CONTENT_TYPE), value);
            send(options.topics().jobs(), message, "submit job " + job.id());
        } catch (DarkroomClientException e) {
            follower.leave(feed);
            throw e;
        }
        return new JobHandle(this, feed);
    }

    /// Builds a job and submits it.
    ///
    /// @throws dev.darkroom.protocol.failure.FailureException with everything that is wrong with it
    public JobHandle submit(JobBuilder job) {
        return submit(job.build());
    }

    /// Follows a job that was submitted before, perhaps by somebody else: its lifecycle as far back
    /// as the topic keeps it, its progress from now. Of a job that nobody ever submitted there is
    /// nothing to see, and no end.
    public JobHandle follow(JobId job) {
        return new JobHandle(this, startFollowing(job, Follower.Start.BEGINNING));
    }

    /// Asks the fleet to end a job, wherever it is. Returns when the brokers have the order safely;
    /// the job's terminal event tells what became of it, since it may end first in another way.
    ///
    /// @param reason for a person; repeated in the `cancelled` event
    /// @throws dev.darkroom.protocol.codec.MalformedMessageException when the reason is too long
    public void cancel(JobId job, String reason) {
        Message message = CommandCodec.encode(new Cancel(job, reason));
        send(options.topics().commands(), message, "cancel job " + job);
    }

    /// A link with which anybody may get an output, for an hour. Made without asking the store.
    ///
    /// @throws IllegalStateException when the options give no S3 access
    public URI presign(Artifact.Stored output) {
        S3Access store = options.s3();
        if (store == null) {
            throw new IllegalStateException(
                    "the client's options have no S3 access; legal: ClientOptions.withS3(...)");
        }
        String uri = output.object().uri();
        if (!uri.startsWith(S3_SCHEME)) {
            throw new IllegalArgumentException(
                    "output is at " + uri + "; legal: " + S3_SCHEME + "bucket/key");
        }
        String path = "/" + uri.substring(S3_SCHEME.length());
        return new Presigner(store).get(path, Instant.now(), LINK_LIFE);
    }

    /// Closes the client: everything that is still followed fails. The jobs go on.
    @Override
    public void close() {
        follower.close();
        producer.close(options.timeout());
    }

    void leave(Feed feed) {
        follower.leave(feed);
    }

    private Feed startFollowing(JobId job, Follower.Start start) {
        return await(follower.follow(job, start), "follow job " + job);
    }

    private void send(String topic, Message message, String what) {
        ProducerRecord<String, byte[]> outgoing =
                new ProducerRecord<>(topic, message.key(), message.value());
        message.headers()
                .forEach((name, value) ->
                        outgoing.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
        try {
            await(producer.send(outgoing), what);
        } catch (KafkaException | IllegalStateException e) {
            throw new DarkroomClientException("cannot " + what + " on " + topic, e);
        }
    }

    private <T> T await(Future<T> pending, String what) {
        try {
            return pending.get(options.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof DarkroomClientException known) {
                throw new DarkroomClientException("cannot " + what, known);
            }
            throw new DarkroomClientException(
                    "cannot " + what + " through " + options.bootstrap(),
                    e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            pending.cancel(false);
            throw new DarkroomClientException(
                    "cannot "
                            + what
                            + ": no answer from "
                            + options.bootstrap()
                            + " within "
                            + options.timeout().toMillis()
                            + " ms");
        } catch (InterruptedException e) {
            pending.cancel(false);
            Thread.currentThread().interrupt();
            throw new DarkroomClientException("cannot " + what + " when interrupted", e);
        }
    }

    private static Map<String, Object> producerConfig(ClientOptions options) {
        int timeout = Math.toIntExact(options.timeout().toMillis());
        Map<String, Object> config = new HashMap<>(options.kafka());
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrap());
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        config.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, timeout);
        config.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, timeout);
        config.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, timeout);
        return config;
    }

    private static Map<String, Object> consumerConfig(ClientOptions options) {
        Map<String, Object> config = new HashMap<>(options.kafka());
        config.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrap());
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // A broker answers the requests of a connection in turn: a look-up waits for the fetch
        // before.
        config.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, FETCH_WAIT_MILLIS);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return config;
    }
}
