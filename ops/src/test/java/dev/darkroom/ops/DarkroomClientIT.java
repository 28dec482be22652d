package dev.darkroom.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.client.ClientOptions;
import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.client.DarkroomClientException;
import dev.darkroom.protocol.client.JobHandle;
import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Cancelled;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.JobEvent.Started;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.Worker;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DarkroomClientIT {
    @TempDir private static Path folder;
    @AutoClose private static Fleet fleet;

    @BeforeAll
    static void start() {
        fleet = new Fleet(folder);
    }

    @Test
    void showsAJobsEventsInOrderAsTheyHappen() throws Exception {
        Topics topics = fleet.lane("live");
        try (Worker _ = fleet.worker(topics, Map.of(), new RunRecords());
                DarkroomClient client = fleet.client(topics)) {
            JobHandle job =
                    client.submit(
                            Job.image("emoji", "a kite").steps(900).label("user", "somebody"));
            List<JobEvent> events = new ArrayList<>();
            for (Iterator<JobEvent> live = job.events().iterator(); live.hasNext(); ) {
                JobEvent event = live.next();
                events.add(event);
                // It only ends because of this: so the events before are seen while it runs.
                if (event instanceof Progress progress && progress.step() == 3) {
                    job.cancel("seen enough");
                }
            }

            // Two topics overtake each other, so the start may come after the first progress.
            assertThat(events).filteredOn(Started.class::isInstance).hasSize(1);
            assertThat(events)
                    .filteredOn(Progress.class::isInstance)
                    .extracting(event -> event.header().sequence())
                    .isSorted()
                    .doesNotHaveDuplicates()
                    .hasSizeGreaterThan(3);
            assertThat(events.getLast()).isInstanceOf(Cancelled.class);
            assertThat(((Cancelled) events.getLast()).step()).isBetween(3, 899);
            assertThat(events)
                    .extracting(JobEvent::header)
                    .extracting(EventHeader::labels)
                    .containsOnly(Map.of("user", "somebody"));
            assertThat(job.result().toCompletableFuture().join()).isEqualTo(events.getLast());
        }
    }

    @Test
    void followsAJobThatEndedLongAgo() throws Exception {
        Topics topics = fleet.lane("ended");
        Terminal end;
        try (Worker _ = fleet.worker(topics, Map.of(), new RunRecords());
                DarkroomClient client = fleet.client(topics)) {
            end =
                    client.submit(Job.image("emoji", "a bell").id("past").steps(2))
                            .result()
                            .toCompletableFuture()
                            .get(60, TimeUnit.SECONDS);
            assertThat(end).isInstanceOf(Completed.class);
        }
        try (DarkroomClient later = fleet.client(topics)) {
            JobHandle job = later.follow(new JobId("past"));
            assertThat(job.events())
                    .satisfiesExactly(
                            event -> assertThat(event).isInstanceOf(Started.class),
                            event -> assertThat(event).isEqualTo(end));
            assertThat(job.result().toCompletableFuture().get(10, TimeUnit.SECONDS)).isEqualTo(end);
        }
    }

    @Test
    void cancelsAJobThatNoWorkerHasTakenYet() throws Exception {
        Topics topics = fleet.lane("early");
        RunRecords runs = new RunRecords();
        try (DarkroomClient client = fleet.client(topics)) {
            JobHandle job = client.submit(Job.image("emoji", "a leaf").id("early"));
            job.cancel("never mind");
            try (Worker _ = fleet.worker(topics, Map.of(), runs)) {
                List<JobEvent> events = job.events().toList();
                assertThat(events).noneMatch(Started.class::isInstance);
                Cancelled end = (Cancelled) events.getLast();
                assertThat(end.reason()).isEqualTo("never mind");
                assertThat(end.step()).isZero();
            }
            assertThat(runs.with(job.id())).isEmpty();
        }
    }

    @Test
    void failsWhatIsFollowedWhenItIsClosed() throws Exception {
        Topics topics = fleet.lane("closed");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            DarkroomClient client = fleet.client(topics);
            JobHandle job = client.submit(Job.image("emoji", "a boat"));
            CompletableFuture<Terminal> result = job.result().toCompletableFuture();
            CountDownLatch reading = new CountDownLatch(1);
            Future<List<JobEvent>> reader =
                    threads.submit(() -> {
                        reading.countDown();
                        return job.events().toList();
                    });
            assertThat(reading.await(10, TimeUnit.SECONDS)).isTrue();
            client.close();

            assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(DarkroomClientException.class)
                    .hasMessageContaining("closed");
            assertThatThrownBy(() -> result.get(10, TimeUnit.SECONDS))
                    .hasCauseInstanceOf(DarkroomClientException.class);
            assertThatThrownBy(() -> client.submit(Job.image("emoji", "a boat")))
                    .isInstanceOf(DarkroomClientException.class)
                    .hasMessageContaining("closed");
        }
    }

    @Test
    void saysWithinItsTimeoutThatNoBrokerAnswers() throws Exception {
        String nowhere;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nowhere = "127.0.0.1:" + socket.getLocalPort();
        }
        ClientOptions options = ClientOptions.of(nowhere).withTimeout(Duration.ofSeconds(2));
        try (DarkroomClient client = DarkroomClient.connect(options)) {
            long begun = System.nanoTime();
            assertThatThrownBy(() -> client.submit(Job.image("emoji", "a key").id("lost")))
                    .isInstanceOf(DarkroomClientException.class)
                    .hasMessageContaining("lost")
                    .hasMessageContaining(nowhere);
            assertThatThrownBy(() -> client.cancel(new JobId("lost"), "no"))
                    .isInstanceOf(DarkroomClientException.class)
                    .hasMessageContaining("cancel job lost");
            assertThat(Duration.ofNanos(System.nanoTime() - begun))
                    .isLessThan(Duration.ofSeconds(10));
        }
    }

    @Test
    void saysWhichTopicIsMissingAndWhatCreatesIt() {
        try (DarkroomClient client = fleet.client(new Topics("absent.", "absent"))) {
            assertThatThrownBy(() -> client.submit(Job.image("emoji", "a door")))
                    .isInstanceOf(DarkroomClientException.class)
                    .hasMessageContaining("absent.")
                    .hasMessageContaining("darkroom topics create");
        }
    }
}
