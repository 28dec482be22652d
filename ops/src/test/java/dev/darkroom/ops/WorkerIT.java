package dev.darkroom.ops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.client.JobHandle;
import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Cancelled;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Failed;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.JobEvent.Started;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobBuilder;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.StartException;
import dev.darkroom.worker.Worker;
import dev.darkroom.worker.config.ConfigReader;
import dev.darkroom.worker.device.LaneObserver;
import dev.darkroom.worker.device.RunRecord;
import dev.darkroom.worker.storage.S3ObjectStore;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerIT {
    private static final String UNET = "emoji/unet";

    @TempDir private static Path folder;
    @AutoClose private static Fleet fleet;

    @BeforeAll
    static void start() {
        fleet = new Fleet(folder);
    }

    @Test
    void makesAPictureOutOfAJob() throws Exception {
        Topics topics = fleet.lane("picture");
        try (Worker worker = fleet.worker(topics, Map.of(), new RunRecords());
                DarkroomClient client = fleet.client(topics)) {
            JobHandle job = client.submit(Job.image("emoji", "a red apple").seed(7).steps(6));
            List<JobEvent> events = job.events().toList();

            Started started = only(Started.class, events).getFirst();
            assertThat(started.device()).isEqualTo("cpu");
            assertThat(started.parameters().sampling().steps()).isEqualTo(6);
            List<Progress> progress = only(Progress.class, events);
            assertThat(progress).extracting(Progress::fraction).isSorted();
            assertThat(progress).anySatisfy(p -> assertThat(p.preview()).startsWith("data:image"));
            Completed completed = (Completed) events.getLast();
            byte[] png = Pictures.of(fleet, completed).getFirst();
            BufferedImage picture = ImageIO.read(new ByteArrayInputStream(png));
            assertThat(picture.getWidth()).isEqualTo(64);
            assertThat(fleet.manifest(job.id()).terminal()).isEqualTo(completed);
            assertThat(completed.cost().deviceSeconds()).isPositive();

            assertThat(get(worker, "/health/ready").statusCode()).isEqualTo(200);
            assertThat(get(worker, "/health/live").statusCode()).isEqualTo(200);
            assertThat(get(worker, "/metrics").body())
                    .contains("darkroom_jobs_ended_total{code=\"none\",outcome=\"completed\"} 1.0")
                    .contains("darkroom_run_rows_sum{graph=\"emoji/unet\"} 12.0")
                    .contains("darkroom_models_load_seconds_count{model=\"emoji\"} 1")
                    .contains("darkroom_queue_wait_seconds_count 1");
        }
    }

    @Test
    void measuresEverythingThatAnOperatorAsksOfAJob() throws Exception {
        Topics topics = fleet.lane("measured");
        try (Worker worker = fleet.worker(topics, Map.of(), new RunRecords());
                DarkroomClient client = fleet.client(topics)) {
            JobHandle job = client.submit(Job.image("emoji", "a red apple").steps(6));
            assertThat(job.events().toList()).last().isInstanceOf(Completed.class);
            // Told just before the event of it and acknowledged just after.
            Map<String, Double> metrics = metricsOnce(worker, "leases_total{event=\"accepted\"}");

            assertThat(metrics).containsEntry("leases_total{event=\"lost\"}", 0.0);
            assertThat(metrics).containsKey("leases_total{event=\"renewed\"}");
            assertThat(metrics).containsEntry("jobs_slots", 8.0);
            assertThat(
                            List.of(
                                    "queue_wait_seconds_count",
                                    "queue_wait_seconds_sum",
                                    "deliveries_total{again=\"no\"}",
                                    "stage_seconds_sum{stage=\"load\"}",
                                    "stage_seconds_sum{stage=\"encode\"}",
                                    "stage_seconds_sum{stage=\"denoise\"}",
                                    "stage_seconds_sum{stage=\"decode\"}",
                                    "stage_seconds_sum{stage=\"upload\"}",
                                    "step_seconds_sum",
                                    "run_rows_sum{graph=\"emoji/unet\"}",
                                    "run_seconds_sum{graph=\"emoji/unet\"}",
                                    "device_busy_seconds_total",
                                    "device_busy_share",
                                    "models_loaded",
                                    "models_load_seconds_sum{model=\"emoji\"}",
                                    "models_load_stall_seconds_sum{model=\"emoji\"}",
                                    "device_stall_seconds_sum",
                                    "jobs_ended_total{code=\"none\",outcome=\"completed\"}",
                                    "events_total{kind=\"lifecycle\",result=\"sent\"}",
                                    "events_total{kind=\"progress\",result=\"sent\"}"))
                    .allSatisfy(name ->
                            assertThat(metrics.getOrDefault(name, 0.0)).as(name).isPositive());
            assertThat(metrics).containsEntry("step_seconds_count", 6.0);
        }
    }

    @Test
    void holdsNoSlotForAJobWhoseStoredOutcomeItCannotRead() throws Exception {
        Topics topics = fleet.lane("unreadable");
        String key = "unreadable-1/manifest.json";
        Map<String, String> settings =
                Map.of("worker.slots", "2", "worker.handOn", "2s", "worker.maxDeliveries", "100");
        try (S3ObjectStore store = fleet.store();
                Worker worker = fleet.worker(topics, settings, new RunRecords());
                DarkroomClient client = fleet.client(topics)) {
            byte[] newer = "{\"manifestVersion\": 2}".getBytes(StandardCharsets.UTF_8);
            store.put(key, newer, "application/json", Map.of());
            JobHandle blocked =
                    client.submit(Job.image("emoji", "a cat").id("unreadable-1").steps(2));
            Map<String, Double> _ = metricsOnce(worker, "jobs_aside_total");
            List<JobHandle> others = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                others.add(client.submit(Job.image("emoji", "a dog").steps(2)));
            }
            for (JobHandle other : others) {
                assertThat(other.result().toCompletableFuture().get(60, TimeUnit.SECONDS))
                        .isInstanceOf(Completed.class);
            }
            assertThat(blocked.result().toCompletableFuture()).isNotDone();
            assertThat(store.get(key)).contains(newer);

            store.delete(key);

            assertThat(blocked.result().toCompletableFuture().get(60, TimeUnit.SECONDS))
                    .isInstanceOf(Completed.class);
        }
    }

    @Test
    void withholdsWhatTheModelsSafetyCheckerRefuses() throws Exception {
        Topics topics = fleet.lane("filtered");
        String models = Path.of(System.getProperty("fixtures"), "models").toString();
        Map<String, String> settings =
                Map.of("models.folder", models, "models.preload", "sd-safety");
        try (Worker _ = fleet.worker(topics, settings, new RunRecords());
                DarkroomClient client = fleet.client(topics)) {
            // The jobs of the reference's cases: it refuses the second of 13's, and both of 1's.
            JobHandle some = client.submit(apples(13));
            JobHandle none = client.submit(apples(1));

            Completed completed =
                    (Completed) some.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
            assertThat(completed.artifacts().get(0)).isInstanceOf(Artifact.Stored.class);
            assertThat(completed.artifacts().get(1))
                    .isEqualTo(
                            new Artifact.Withheld(
                                    1,
                                    new Seed(14),
                                    FailureCode.CONTENT_FILTERED,
                                    "was refused by the model's safety checker"));
            assertFailed(
                    (Failed) none.result().toCompletableFuture().get(60, TimeUnit.SECONDS),
                    FailureCode.CONTENT_FILTERED,
                    "output 0 was refused by the model's safety checker; output 1 was refused");
        }
    }

    private static JobBuilder apples(long seed) {
        return Job.image("sd-safety", "a red apple on a table")
                .seed(seed)
                .count(2)
                .steps(3)
                .guidance(5)
                .scheduler(SchedulerName.DDIM)
                .size(32, 32);
    }

    @Test
    void takesNoMoreJobsOnceItsDeviceIsLost() throws Exception {
        Topics topics = fleet.lane("lost");
        LaneObserver breaking =
                new LaneObserver() {
                    @Override
                    public void ran(RunRecord run) {
                        throw new AssertionError("the device breaks");
                    }

                    @Override
                    public void stalled(Duration time) {}

                    @Override
                    public void lost(Throwable cause) {}
                };
        try (DarkroomClient client = fleet.client(topics);
                Worker broken = fleet.worker(topics, Map.of("worker.slots", "1"), breaking)) {
            List<JobHandle> jobs = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                jobs.add(client.submit(Job.image("emoji", "a cat").steps(2)));
            }
            assertThat(broken.awaitEnd()).isEqualTo(Worker.End.DEVICE_LOST);
            assertThat(get(broken, "/health/live").statusCode()).isEqualTo(503);
            assertThat(get(broken, "/health/ready").body()).contains("device: is lost");
            List<Terminal> ends = new ArrayList<>();
            try (Worker _ = fleet.worker(topics, Map.of(), new RunRecords())) {
                for (JobHandle job : jobs) {
                    ends.add(job.result().toCompletableFuture().get(60, TimeUnit.SECONDS));
                }
            }
            assertThat(ends).filteredOn(Failed.class::isInstance).hasSizeLessThan(3);
        }
    }

    @Test
    void repeatsACommittedOutcomeByteForByteWithoutComputing() throws Exception {
        Topics topics = fleet.lane("repeat");
        RunRecords runs = new RunRecords();
        try (Worker _ = fleet.worker(topics, Map.of(), runs);
                DarkroomClient client = fleet.client(topics)) {
            Job job = Job.image("emoji", "a blue fish").id("repeat-1").steps(2).build();
            assertThat(client.submit(job).result().toCompletableFuture().get(60, TimeUnit.SECONDS))
                    .isInstanceOf(Completed.class);
            int before = runs.of(UNET).size();
            assertThat(before).isPositive();

            var _ = client.submit(job);

            List<ConsumerRecord<String, byte[]>> ends =
                    fleet
                            .events(
                                    topics,
                                    read -> read.stream().filter(Fleet::isTerminal).count() == 2)
                            .stream()
                            .filter(Fleet::isTerminal)
                            .toList();
            assertThat(Fleet.headers(ends.get(1))).isEqualTo(Fleet.headers(ends.get(0)));
            assertThat(ends.get(1).value()).isEqualTo(ends.get(0).value());
            assertThat(ends.get(1).key()).isEqualTo(ends.get(0).key());
            assertThat(runs.of(UNET)).hasSize(before);
        }
    }

    @Test
    void answersEveryBadRecordWithAFailedEventThatSaysWhatIsWrong() throws Exception {
        Topics topics = fleet.lane("bad");
        Map<String, String> bad =
                Map.of(
                        "malformed", "{\"id\": \"malformed\", ",
                        "model", job("model", "\"prompt\": \"x\"").replace("emoji", "emojo"),
                        "field", job("field", "\"prompt\": \"x\", \"stepz\": 3"),
                        "long", job("long", "\"prompt\": \"" + "x".repeat(10_000) + "\""),
                        "width", job("width", "\"prompt\": \"x\", \"width\": 63"),
                        "steps", job("steps", "\"prompt\": \"x\", \"steps\": 0"));
        try (Worker _ = fleet.worker(topics, Map.of(), new RunRecords())) {
            for (Map.Entry<String, String> record : bad.entrySet()) {
                fleet.put(
                        topics,
                        record.getKey(),
                        record.getValue().getBytes(StandardCharsets.UTF_8));
            }
            fleet.put(topics, "garbage", new byte[] {1, 2, 3});
            fleet.put(topics, Job.image("emoji", "a rose").id("good").steps(2).build());
            List<JobEvent> ends =
                    fleet
                            .events(
                                    topics,
                                    read -> read.stream().filter(Fleet::isTerminal).count() == 8)
                            .stream()
                            .filter(Fleet::isTerminal)
                            .map(Fleet::decoded)
                            .toList();
            assertThat(only(Completed.class, ends))
                    .extracting(end -> end.header().job().value())
                    .containsExactly("good");
            Map<String, Failed> failed =
                    only(Failed.class, ends).stream()
                            .collect(
                                    Collectors.toMap(
                                            event -> event.header().job().value(), event -> event));

            assertFailed(failed.get("malformed"), FailureCode.INVALID_JOB, "JSON");
            assertFailed(failed.get("model"), FailureCode.UNKNOWN_MODEL, "emoji");
            assertFailed(failed.get("field"), FailureCode.INVALID_JOB, "spec.stepz");
            assertFailed(failed.get("long"), FailureCode.LIMIT_EXCEEDED, "10000");
            assertFailed(
                    failed.get("width"), FailureCode.UNSUPPORTED_PARAMETER, "spec.width is 63");
            assertFailed(failed.get("steps"), FailureCode.INVALID_JOB, "spec.steps is 0");
            assertThat(failed.keySet())
                    .hasSize(7)
                    .anySatisfy(id -> assertThat(id).startsWith("invalid-bad.jobs.bad-"));
        }
        assertThat(fleet.unsettled(topics)).isZero();
        assertThat(Outcomes.of(fleet, topics).onlyEnds(fleet)).hasSize(8);
    }

    @Test
    void sharesAQueueBetweenTwoWorkers() throws Exception {
        Topics topics = fleet.lane("two");
        Map<String, String> small = Map.of("worker.slots", "2");
        try (Worker first = fleet.worker(topics, small, new RunRecords());
                Worker second = fleet.worker(topics, small, new RunRecords());
                DarkroomClient client = fleet.client(topics)) {
            List<JobHandle> jobs = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                jobs.add(client.submit(Job.image("emoji", "a star").id("two-" + i).steps(8)));
            }
            Set<String> workers = new HashSet<>();
            for (JobHandle job : jobs) {
                Terminal end = job.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
                assertThat(end).isInstanceOf(Completed.class);
                workers.add(end.header().worker());
            }
            assertThat(workers).containsExactlyInAnyOrder(first.id(), second.id());
        }
    }

    @Test
    void keepsFinishedWorkWhileTheStoreIsAwayAndStoresItAfterwards() throws Exception {
        Topics topics = fleet.lane("away");
        RunRecords runs = new RunRecords();
        try (Worker worker = fleet.worker(topics, Map.of(), runs);
                DarkroomClient client = fleet.client(topics)) {
            JobHandle job = client.submit(Job.image("emoji", "a house").steps(40));
            CompletableFuture<Terminal> result = job.result().toCompletableFuture();
            runs.await(run -> run.graph().equals(UNET));
            fleet.s3.stop();
            try {
                runs.await(run -> run.graph().equals("emoji/vae_decoder"));
                // The worker has asked the store in vain before it answers this.
                HttpResponse<String> readiness = get(worker, "/health/ready");
                assertThat(readiness.statusCode()).isEqualTo(503);
                assertThat(readiness.body()).contains("storage");
                assertThat(result).isNotDone();
            } finally {
                fleet.s3.start();
            }
            assertThat(result.get(60, TimeUnit.SECONDS)).isInstanceOf(Completed.class);
            assertThat(Pictures.of(fleet, result.join())).hasSize(1);
            assertThat(runs.of("emoji/vae_decoder")).hasSize(1);
        }
        assertThat(Outcomes.of(fleet, topics).onlyEnds(fleet)).hasSize(1);
    }

    @Test
    void batchesTheStepsOfJobsAndLetsOneThatComesLaterJoin() throws Exception {
        Topics topics = fleet.lane("batch");
        RunRecords runs = new RunRecords();
        Map<String, String> wide = Map.of("worker.slots", "17", "device.rows", "16");
        try (Worker _ = fleet.worker(topics, wide, runs);
                DarkroomClient client = fleet.client(topics)) {
            List<JobHandle> jobs = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                jobs.add(client.submit(like("batch-" + i)));
            }
            runs.await(run ->
                    run.graph().equals(UNET)
                            && run.rows().distinctJobs() >= 8
                            && timesteps(run).size() > 1);
            JobHandle late = client.submit(like("late"));
            for (JobHandle job : Stream.concat(jobs.stream(), Stream.of(late)).toList()) {
                assertThat(job.result().toCompletableFuture().get(90, TimeUnit.SECONDS))
                        .isInstanceOf(Completed.class);
            }

            List<RunRecord> steps = runs.of(UNET);
            assertThat(steps)
                    .allSatisfy(run -> assertThat(run.rows().count()).isLessThanOrEqualTo(16));
            List<RunRecord> all = runs.all();
            // From the first step of the last one that was taken to the last one of the first that
            // ended: before and after, there are not 16 to fill a run.
            int full =
                    jobs.stream()
                            .mapToInt(job -> steps.indexOf(steps(runs, job.id()).getFirst()))
                            .max()
                            .orElseThrow();
            int firstEnd =
                    jobs.stream()
                            .mapToInt(job -> steps.indexOf(steps(runs, job.id()).getLast()))
                            .min()
                            .orElseThrow();
            assertThat(full).as("all 16 are in flight for a while").isLessThan(firstEnd);
            double mean = rowsPerRun(steps.subList(full, firstEnd + 1));
            List<RunRecord> ofLate = runs.with(late.id());
            int encoded = all.indexOf(ofLate.getFirst());
            RunRecord first = steps(runs, late.id()).getFirst();
            int joined = all.indexOf(first);
            long passed =
                    all.subList(encoded + 1, joined).stream()
                            .filter(run -> run.graph().equals(UNET))
                            .count();
            System.out.printf(
                    Locale.ROOT,
                    "16 like jobs of one row a step: %.1f rows per run in %d runs with all of them"
                            + " in flight, %.1f in all %d, %d of which hold several timesteps; the"
                            + " late one joined %d of the others at %d"
                            + " timesteps, %d runs after its prompt was encoded%n",
                    mean,
                    firstEnd + 1 - full,
                    rowsPerRun(steps),
                    steps.size(),
                    steps.stream().filter(run -> timesteps(run).size() > 1).count(),
                    first.rows().distinctJobs() - 1,
                    timesteps(first).size(),
                    passed);
            assertThat(mean).isGreaterThanOrEqualTo(12);
            // It may come when the others are all about to ask again, and have one run to itself.
            assertThat(steps(runs, late.id()).subList(0, 3))
                    .anySatisfy(run -> {
                        assertThat(run.rows().distinctJobs()).isGreaterThan(1);
                        assertThat(timesteps(run)).hasSizeGreaterThan(1);
                    });
            // One run is under way when it asks, and of 17 rows one may have to wait for the next.
            assertThat(passed).isLessThanOrEqualTo(3);
            assertThat(jobs)
                    .as("nobody had to end before it could begin")
                    .allSatisfy(job ->
                            assertThat(all.indexOf(steps(runs, job.id()).getLast()))
                                    .isGreaterThan(joined));
        }
    }

    @Test
    void cancelsAJobThatIsBeingComputed() throws Exception {
        Topics topics = fleet.lane("cancel");
        RunRecords runs = new RunRecords();
        try (Worker _ = fleet.worker(topics, Map.of(), runs);
                DarkroomClient client = fleet.client(topics)) {
            JobHandle job = client.submit(Job.image("emoji", "a tree").id("slow").steps(900));
            runs.await(run -> run.graph().equals(UNET));
            job.cancel("enough");

            Cancelled cancelled =
                    (Cancelled) job.result().toCompletableFuture().get(60, TimeUnit.SECONDS);
            assertThat(cancelled.reason()).isEqualTo("enough");
            assertThat(cancelled.step()).isLessThan(900);
            assertThat(cancelled.steps()).isEqualTo(900);
            assertThat(fleet.manifest(job.id()).terminal()).isEqualTo(cancelled);
        }
    }

    @Test
    void leavesAJobThatDoesNotEndInTimeToAnotherWorker() throws Exception {
        Topics topics = fleet.lane("drain");
        RunRecords runs = new RunRecords();
        try (DarkroomClient client = fleet.client(topics)) {
            JobHandle job;
            try (Worker _ = fleet.worker(topics, Map.of("worker.drain", "0ms"), runs)) {
                job = client.submit(Job.image("emoji", "a cloud").id("moved").steps(60));
                runs.await(run -> run.graph().equals(UNET));
            }
            // The first delivery and this one: none to the other slots of the worker that ended.
            Map<String, String> settings = Map.of("worker.maxDeliveries", "2");
            try (Worker second = fleet.worker(topics, settings, new RunRecords())) {
                Terminal end = job.result().toCompletableFuture().get(90, TimeUnit.SECONDS);
                assertThat(end).isInstanceOf(Completed.class);
                assertThat(end.header().worker()).isEqualTo(second.id());
            }
            assertThat(fleet.events(topics, read -> read.stream().anyMatch(Fleet::isTerminal)))
                    .filteredOn(Fleet::isTerminal)
                    .hasSize(1);
        }
    }

    @Test
    void refusesToStartWhereSomethingIsMissingAndSaysWhatHelps() {
        Map<String, String> settings = fleet.settings(new Topics("nowhere.", "none"));
        settings.put("s3.bucket", "absent");
        settings.put("models.folder", folder.resolve("nothing").toString());

        assertThatThrownBy(() -> Worker.start(ConfigReader.of(settings)))
                .isInstanceOf(StartException.class)
                .hasMessageContaining("topics create")
                .hasMessageContaining("absent")
                .hasMessageContaining("models.folder");
    }

    @Test
    void refusesToStartWhereItsPortIsTaken() throws Exception {
        Map<String, String> settings = fleet.settings(fleet.lane("port"));
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            settings.put("http.port", Integer.toString(taken.getLocalPort()));

            assertThatThrownBy(() -> Worker.start(ConfigReader.of(settings)))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("set http.host and http.port to a free address");
        }
    }

    /// A job of one row a step.
    private static JobBuilder like(String id) {
        return Job.image("emoji", "a cat").id(id).steps(48).guidance(1).withoutPreview();
    }

    private static List<RunRecord> steps(RunRecords runs, JobId job) {
        return runs.with(job).stream().filter(run -> run.graph().equals(UNET)).toList();
    }

    private static double rowsPerRun(List<RunRecord> runs) {
        return runs.stream().mapToInt(run -> run.rows().count()).average().orElseThrow();
    }

    private static Set<Double> timesteps(RunRecord run) {
        return Set.copyOf(new HashSet<>(run.rows().timesteps()));
    }

    private static String job(String id, String spec) {
        return """
        {"specVersion": 1, "id": "%s", "model": "emoji",
         "spec": {"kind": "image", %s}}
        """
                .formatted(id, spec);
    }

    private static void assertFailed(@Nullable Failed failed, FailureCode code, String words) {
        Failure failure = Objects.requireNonNull(failed, "no such event").failure();
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.message()).contains(words);
    }

    private static <T extends JobEvent> List<T> only(Class<T> type, List<JobEvent> events) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /// Every metric of a worker, without `darkroom_`, once one of them is above zero.
    private static Map<String, Double> metricsOnce(Worker worker, String name) throws Exception {
        while (true) {
            Map<String, Double> all =
                    get(worker, "/metrics")
                            .body()
                            .lines()
                            .filter(line -> line.startsWith("darkroom_"))
                            .collect(
                                    Collectors.toMap(
                                            line ->
                                                    line.substring(
                                                            "darkroom_".length(),
                                                            line.lastIndexOf(' ')),
                                            line ->
                                                    Double.valueOf(
                                                            line.substring(
                                                                    line.lastIndexOf(' ') + 1))));
            if (all.getOrDefault(name, 0.0) > 0) {
                return all;
            }
        }
    }

    private static HttpResponse<String> get(Worker worker, String path) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(
                                    URI.create("http://127.0.0.1:" + worker.httpPort() + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
