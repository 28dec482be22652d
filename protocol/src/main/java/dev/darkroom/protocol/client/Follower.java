package dev.darkroom.protocol.client;

import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.codec.MalformedMessageException;
import dev.darkroom.protocol.job.JobId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.utils.Utils;

/// Reads the events of all followed jobs with one consumer, on one thread of its own. It is in no
/// group: it assigns itself the partitions in which the jobs' keys lie.
///
/// Other threads only put requests into the queue. The thread takes them between two polls, which
/// are short, instead of being woken: a wake-up would also break the look-up of a position.
final class Follower implements AutoCloseable {
    /// Where in the lifecycle events a following begins.
    enum Start {
        /// With the oldest that the topic keeps: for jobs that may long be under way.
        BEGINNING,
        /// With the next: for jobs that are about to be submitted.
        NOW
    }

    private static final System.Logger LOG = System.getLogger(Follower.class.getName());

    private static final Duration POLL = Duration.ofMillis(10);

    private final ClientOptions options;
    private final BlockingQueue<Runnable> requests = new LinkedBlockingQueue<>();
    private final Thread thread;

    // Owned by the thread.
    private final Consumer<String, byte[]> consumer;
    private final Subscriptions subscriptions = new Subscriptions();
    private boolean closed;

    // Set by the thread as the last thing but answering who asked before.
    private volatile boolean ended;

    Follower(ClientOptions options, Consumer<String, byte[]> consumer) {
        this.options = options;
        this.consumer = consumer;
        this.thread = Thread.ofPlatform().name("darkroom-client").daemon().unstarted(this::run);
    }

    /// Starts the thread.
    void start() {
        thread.start();
    }

    /// Follows a job. The stage completes once every event from the start on is sure to be seen; to
    /// cancel it before is to follow nothing.
    CompletableFuture<Feed> follow(JobId job, Start start) {
        Feed feed = new Feed(job);
        CompletableFuture<Feed> following = new CompletableFuture<>();
        request(() -> {
            if (closed) {
                following.completeExceptionally(closedError());
                return;
            }
            if (following.isDone()) {
                return;
            }
            try {
                begin(feed, start);
            } catch (RuntimeException e) {
                following.completeExceptionally(e);
            }
            if (!following.complete(feed)) {
                subscriptions.remove(feed);
            }
        });
        return following;
    }

    /// Stops following.
    void leave(Feed feed) {
        request(() -> {
            feed.fail(new DarkroomClientException("job " + feed.job() + " is not followed"));
            subscriptions.remove(feed);
        });
    }

    private void request(Runnable request) {
        requests.add(request);
        if (ended) {
            answerTheRest();
        }
    }

    private void answerTheRest() {
        for (Runnable late = requests.poll(); late != null; late = requests.poll()) {
            late.run();
        }
    }

    /// Ends the thread and fails what is still followed. Waits as long as the options' timeout.
    @Override
    public void close() {
        request(() -> closed = true);
        try {
            thread.join(options.timeout());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (consumer) {
            while (!closed) {
                Runnable request =
                        consumer.assignment().isEmpty() ? requests.take() : requests.poll();
                if (request == null) {
                    poll();
                } else {
                    request.run();
                }
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            closed = true;
            subscriptions.failAll(closedError());
            // Whoever asks from now on gets the same answer.
            ended = true;
            answerTheRest();
        }
    }

    private void begin(Feed feed, Start start) {
        TopicPartition events = place(options.topics().events(), feed.job());
        TopicPartition progress = place(options.topics().progress(), feed.job());
        Set<TopicPartition> before = consumer.assignment();
        boolean newEvents = !before.contains(events);
        boolean newProgress = !before.contains(progress);

        subscriptions.add(feed, Set.of(events, progress));
        Set<TopicPartition> needed = new HashSet<>(before);
        needed.addAll(subscriptions.partitions());
        consumer.assign(needed);
        if (start == Start.BEGINNING) {
            // Other jobs of this partition are read again; their timelines drop the repetition.
            consumer.seekToBeginning(List.of(events));
        } else if (newEvents) {
            consumer.seekToEnd(List.of(events));
        }
        if (newProgress) {
            consumer.seekToEnd(List.of(progress));
        }
        // Seeking is lazy: asking for the positions makes it happen now.
        consumer.position(events, options.timeout());
        consumer.position(progress, options.timeout());
    }

    private TopicPartition place(String topic, JobId job) {
        List<PartitionInfo> partitions = consumer.partitionsFor(topic, options.timeout());
        if (partitions == null || partitions.isEmpty()) {
            throw new DarkroomClientException(
                    "topic "
                            + topic
                            + " does not exist on "
                            + options.bootstrap()
                            + "; `darkroom topics create` creates it");
        }
        byte[] key = job.value().getBytes(StandardCharsets.UTF_8);
        return new TopicPartition(topic, Utils.toPositive(Utils.murmur2(key)) % partitions.size());
    }

    private void poll() {
        try {
            for (ConsumerRecord<String, byte[]> message : consumer.poll(POLL)) {
                read(message);
            }
            // Partitions are kept until nobody follows anything: to take one up again costs a
            // look-up of its end, and the next job may lie in it.
            if (subscriptions.isEmpty()) {
                consumer.unsubscribe();
            }
        } catch (KafkaException e) {
            subscriptions.failAll(
                    new DarkroomClientException("cannot read from " + options.bootstrap(), e));
            consumer.unsubscribe();
        }
    }

    private void read(ConsumerRecord<String, byte[]> message) {
        if (message.key() == null
                || message.value() == null
                || !subscriptions.follows(message.key())) {
            return;
        }
        Map<String, String> headers = new HashMap<>();
        for (Header header : message.headers()) {
            if (header.value() != null) {
                headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        try {
            subscriptions.deliver(EventCodec.decode(headers, message.value()));
        } catch (MalformedMessageException e) {
            // A kind of event that only newer clients know, or not an event at all.
            LOG.log(
                    System.Logger.Level.DEBUG,
                    () ->
                            "passed over "
                                    + message.topic()
                                    + "-"
                                    + message.partition()
                                    + "@"
                                    + message.offset()
                                    + ": "
                                    + e.getMessage());
        }
    }

    private static DarkroomClientException closedError() {
        return new DarkroomClientException("the client is closed");
    }
}
