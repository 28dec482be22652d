package dev.darkroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.client.JobHandle;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.Worker;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What a worker's surroundings do to it, and what somebody who looks from outside sees of that.
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BreakageIT {
    private static final String UNET = "emoji/unet";
    private static final int UNFIT_SURROUNDINGS = 3;
    private static final int TERMINATED = 128 + 15;

    @TempDir private static Path folder;
    @AutoClose private static Fleet fleet;

    @BeforeAll
    static void start() {
        fleet = new Fleet(folder);
    }

    @Test
    void processWithoutTopicsAndBucketNamesBothWithTheirRemediesAndEnds() throws Exception {
        Topics topics = new Topics("nowhere.", "none");
        try (Child worker = fleet.process(topics, Map.of("s3.bucket", "absent"))) {
            Child.Result result = worker.end();
            assertThat(result.exit()).as(result.output()).isEqualTo(UNFIT_SURROUNDINGS);
            assertThat(result.output())
                    .contains(
                            "Topics are missing",
                            "./darkroom topics create --bootstrap " + fleet.kafka.bootstrap(),
                            "--lane none --topic-prefix 'nowhere.'",
                            "absent")
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void processThatFindsNoBrokerSaysSoAndEnds() throws Exception {
        String nowhere = "127.0.0.1:" + closedPort();
        try (Child worker =
                fleet.process(fleet.lane("brokerless"), Map.of("kafka.bootstrap", nowhere))) {
            Child.Result result = worker.end();
            assertThat(result.exit()).as(result.output()).isEqualTo(UNFIT_SURROUNDINGS);
            assertThat(result.output())
                    .contains("No Kafka broker answers at " + nowhere)
                    .doesNotContain("\tat ");
        }
    }

    @Test
    void terminatedProcessLeavesItsJobsToOthersAndEndsSoon() throws Exception {
        Topics topics = fleet.lane("terminated");
        List<Job> jobs = longJobs("left", 3, 150);
        fleet.put(topics, jobs.toArray(Job[]::new));
        try (Child worker =
                fleet.process(topics, Map.of("worker.drain", "0ms", "logging.runs", "true"))) {
            worker.await(Pattern.compile("emoji/unet"));
            worker.terminate();
            long told = System.nanoTime();
            Child.Result result = worker.end();
            assertThat(Duration.ofNanos(System.nanoTime() - told)).isLessThan(seconds(30));
            assertThat(result.exit()).as(result.output()).isEqualTo(TERMINATED);
            assertThat(result.output())
                    .contains("left to other workers", "left to another worker", "has stopped")
                    .doesNotContain("\tat ");
        }
        try (Worker _ = fleet.worker(topics, Map.of(), new RunRecords())) {
            awaitEnds(topics, jobs.size());
        }
        assertThat(Outcomes.of(fleet, topics).onlyEnds(fleet))
                .hasSize(jobs.size())
                .values()
                .hasOnlyElementsOfType(Completed.class);
        assertThat(fleet.unsettled(topics)).isZero();
    }

    @Test
    void restartedBrokerHandsJobsOutAgainAndEachEndsOnce() throws Exception {
        Topics topics = fleet.lane("restarted");
        List<Job> jobs = longJobs("kept", 3, 250);
        RunRecords runs = new RunRecords();
        try (DarkroomClient client = fleet.client(topics)) {
            List<JobHandle> handles = new ArrayList<>();
            jobs.forEach(job -> handles.add(client.submit(job)));
            try (Worker _ = fleet.worker(topics, Map.of(), runs)) {
                for (Job job : jobs) {
                    runs.await(run ->
                            run.graph().equals(UNET) && run.rows().jobs().contains(job.id()));
                }
                fleet.kafka.stop();
                fleet.kafka.start();
                for (JobHandle handle : handles) {
                    assertThat(handle.result().toCompletableFuture().get(2, TimeUnit.MINUTES))
                            .isInstanceOf(Completed.class);
                }
            }
        }
        Outcomes outcomes = Outcomes.of(fleet, topics);
        assertThat(outcomes.onlyEnds(fleet)).hasSize(jobs.size());
        assertThat(jobs).anySatisfy(job -> assertThat(outcomes.starts(job.id())).isGreaterThan(1));
        assertThat(fleet.unsettled(topics)).isZero();
    }

    @Test
    void jobThatIsQueuedTwiceRunsTwiceAtMostAndEndsOnce() throws Exception {
        Job job = Job.image("emoji", "a star").id("twice").seed(1).steps(40).build();
        assertThat(metricsAfterBothRan("twice", job, job))
                .contains(
                        "darkroom_jobs_repeated_total 1.0", "darkroom_jobs_contradicted_total 0.0");
    }

    @Test
    void idThatIsSubmittedWithTwoBodiesEndsOnce() throws Exception {
        Job one = Job.image("emoji", "a star").id("both").seed(1).steps(40).build();
        Job other = Job.image("emoji", "a moon").id("both").seed(2).steps(40).build();
        assertThat(metricsAfterBothRan("both", one, other))
                .contains(
                        "darkroom_jobs_repeated_total 1.0", "darkroom_jobs_contradicted_total 1.0");
    }

    @Test
    void workersThatShareAnIdShareTheirQueue() throws Exception {
        Topics topics = fleet.lane("namesakes");
        List<Job> jobs = MixedJobs.of("namesake", 12);
        fleet.put(topics, jobs.toArray(Job[]::new));
        Map<String, String> same = Map.of("worker.id", "same", "worker.slots", "2");
        RunRecords left = new RunRecords();
        RunRecords right = new RunRecords();
        try (Worker _ = fleet.worker(topics, same, left);
                Worker _ = fleet.worker(topics, same, right)) {
            awaitEnds(topics, jobs.size());
        }
        assertThat(Outcomes.of(fleet, topics).onlyEnds(fleet))
                .hasSize(jobs.size())
                .values()
                .hasOnlyElementsOfType(Completed.class);
        assertThat(left.of(UNET)).isNotEmpty();
        assertThat(right.of(UNET)).isNotEmpty();
    }

    /// Lets one worker run two jobs of one id side by side; one outcome is asserted.
    private static String metricsAfterBothRan(String lane, Job one, Job other) throws Exception {
        Topics topics = fleet.lane(lane);
        fleet.put(topics, one, other);
        try (Worker worker = fleet.worker(topics, Map.of("worker.slots", "2"), new RunRecords())) {
            List<Terminal> published =
                    fleet
                            .events(
                                    topics,
                                    read -> read.stream().filter(Fleet::isTerminal).count() == 2)
                            .stream()
                            .filter(Fleet::isTerminal)
                            .map(Fleet::decoded)
                            .map(Terminal.class::cast)
                            .toList();
            assertThat(published.getFirst()).isInstanceOf(Completed.class);
            Outcomes outcomes = Outcomes.of(fleet, topics);
            assertThat(outcomes.onlyEnds(fleet)).containsOnlyKeys(one.id());
            assertThat(outcomes.starts(one.id())).as("both were computed").isEqualTo(2);
            assertThat(Pictures.of(fleet, published.getFirst())).hasSize(1);
            try (HttpClient http = HttpClient.newHttpClient()) {
                return http.send(
                                HttpRequest.newBuilder(
                                                URI.create(
                                                        "http://127.0.0.1:"
                                                                + worker.httpPort()
                                                                + "/metrics"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString())
                        .body();
            }
        }
    }

    private static void awaitEnds(Topics topics, int jobs) {
        var _ =
                fleet.read(
                        topics.events(),
                        Duration.ofMinutes(2),
                        read ->
                                read.stream()
                                                .filter(Fleet::isTerminal)
                                                .map(event -> new JobId(event.key()))
                                                .distinct()
                                                .count()
                                        == jobs);
    }

    /// Jobs of one row a step.
    private static List<Job> longJobs(String name, int count, int steps) {
        return IntStream.range(0, count)
                .mapToObj(i ->
                        Job.image("emoji", "a house")
                                .id(name + "-" + i)
                                .guidance(1)
                                .steps(steps)
                                .withoutPreview()
                                .build())
                .toList();
    }

    /// A port that nobody listens on.
    private static int closedPort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static Duration seconds(int seconds) {
        return Duration.ofSeconds(seconds);
    }
}
