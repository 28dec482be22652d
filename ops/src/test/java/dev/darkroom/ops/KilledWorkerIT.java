package dev.darkroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.client.JobHandle;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.Worker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Two worker processes share a queue, and one of them is killed in the middle of its work.
@Timeout(value = 400, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KilledWorkerIT {
    private static final int JOBS = 200;

    /// How many are made again without any disturbance, those that the killing concerned included.
    private static final int COMPARED = 40;

    /// 128 and the number of SIGKILL: what a process that was killed by it ends with.
    private static final int KILLED = 128 + 9;

    private static final int TERMINATED = 128 + 15;
    private static final String VICTIM = "victim";

    @TempDir private Path folder;

    @Test
    void jobsOfAKilledWorkerAreMadeByTheOtherAndEveryJobEndsOnce() throws Exception {
        List<Job> jobs = MixedJobs.of("job", JOBS);
        try (Fleet fleet = new Fleet(folder)) {
            Topics topics = fleet.lane("killed");
            fleet.put(topics, jobs.toArray(Job[]::new));
            try (Child victim = fleet.process(topics, Map.of("worker.id", VICTIM));
                    Child survivor = fleet.process(topics, Map.of("worker.id", "survivor"))) {
                fleet.read(
                        topics.progress(),
                        Duration.ofMinutes(1),
                        read -> denoising(read, p -> p.step() * 2 < p.steps()).size() >= 3);
                victim.kill();
                assertThat(victim.end().exit()).isEqualTo(KILLED);
                fleet.read(topics.events(), Duration.ofMinutes(4), KilledWorkerIT::allEnded);
                survivor.terminate();
                assertThat(survivor.end().exit()).as(survivor.written()).isEqualTo(TERMINATED);
            }

            // From here on, nothing but the topics and the bucket is asked.
            Outcomes outcomes = Outcomes.of(fleet, topics);
            Map<JobId, Terminal> ends = outcomes.onlyEnds(fleet);
            assertThat(ends.keySet())
                    .isEqualTo(jobs.stream().map(Job::id).collect(Collectors.toSet()));
            assertThat(ends.values()).hasOnlyElementsOfType(Completed.class);
            assertThat(outcomes.terminalIds())
                    .containsExactlyInAnyOrderElementsOf(
                            jobs.stream().map(job -> job.id() + "/terminal").toList());
            long manifests = manifests();
            assertThat(manifests).isEqualTo(JOBS);
            assertThat(fleet.unsettled(topics)).isZero();
            Map<JobId, List<byte[]>> pictures = new HashMap<>();
            ends.forEach((job, end) -> pictures.put(job, Pictures.of(fleet, end)));

            Set<JobId> cut = denoising(fleet.all(topics.progress()), p -> p.step() < p.steps());
            ends.values().stream()
                    .map(Terminal::header)
                    .filter(header -> header.worker().equals(VICTIM))
                    .forEach(header -> cut.remove(header.job()));
            assertThat(cut).hasSizeGreaterThanOrEqualTo(2);
            Set<JobId> redelivered = outcomes.redelivered();
            assertThat(redelivered).containsAll(cut);

            Map<JobId, List<byte[]>> undisturbed = undisturbed(fleet, some(jobs, redelivered));
            assertThat(undisturbed.keySet()).containsAll(redelivered);
            double worst =
                    undisturbed.entrySet().stream()
                            .mapToDouble(entry ->
                                    Pictures.share(
                                            pictures.getOrDefault(entry.getKey(), List.of()),
                                            entry.getValue()))
                            .min()
                            .orElseThrow();
            System.out.printf(
                    Locale.ROOT,
                    "jobs %d | cut while denoising %d | redelivered %d | terminal ids %d |"
                            + " manifests %d | pictures %d | compared %d jobs | worst share %.6f%n",
                    JOBS,
                    cut.size(),
                    redelivered.size(),
                    outcomes.terminalIds().size(),
                    manifests,
                    pictures.values().stream().mapToInt(List::size).sum(),
                    undisturbed.size(),
                    worst);
            assertThat(worst).isGreaterThanOrEqualTo(Pictures.BATCHING_TOLERANCE);
        }
    }

    /// The jobs of which the last that the victim told is a step of this kind.
    private static Set<JobId> denoising(
            List<ConsumerRecord<String, byte[]>> read, Predicate<Progress> where) {
        Map<JobId, Progress> last = new HashMap<>();
        read.stream()
                .map(Fleet::decoded)
                .map(Progress.class::cast)
                .filter(progress -> progress.header().worker().equals(VICTIM))
                .forEach(progress -> last.put(progress.header().job(), progress));
        Set<JobId> jobs = new HashSet<>();
        last.forEach((job, progress) -> {
            if (progress.stage() == Stage.DENOISE && where.test(progress)) {
                jobs.add(job);
            }
        });
        return jobs;
    }

    private static boolean allEnded(List<ConsumerRecord<String, byte[]>> read) {
        return read.stream().filter(Fleet::isTerminal).map(ConsumerRecord::key).distinct().count()
                == JOBS;
    }

    private long manifests() throws Exception {
        try (Stream<Path> files = Files.walk(folder.resolve(Fleet.BUCKET))) {
            return files.filter(file -> file.endsWith("manifest.json")).count();
        }
    }

    /// The redelivered ones, and others until there are enough.
    private static List<Job> some(List<Job> jobs, Set<JobId> redelivered) {
        List<Job> some =
                new ArrayList<>(
                        jobs.stream().filter(job -> redelivered.contains(job.id())).toList());
        jobs.stream()
                .filter(job -> !redelivered.contains(job.id()))
                .limit(Math.max(0, COMPARED - some.size()))
                .forEach(some::add);
        return some;
    }

    /// The same jobs through one worker that nothing happens to, stored elsewhere.
    private static Map<JobId, List<byte[]>> undisturbed(Fleet fleet, List<Job> jobs)
            throws Exception {
        Topics topics = fleet.lane("undisturbed");
        Map<JobId, List<byte[]>> pictures = new HashMap<>();
        try (Worker _ =
                        fleet.worker(
                                topics, Map.of("s3.prefix", "undisturbed/"), new RunRecords());
                DarkroomClient client = fleet.client(topics)) {
            List<JobHandle> handles = new ArrayList<>();
            jobs.forEach(job -> handles.add(client.submit(job)));
            for (JobHandle handle : handles) {
                Terminal end = handle.result().toCompletableFuture().get(2, TimeUnit.MINUTES);
                pictures.put(handle.id(), Pictures.of(fleet, end));
            }
        }
        return pictures;
    }
}
