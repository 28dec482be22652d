package dev.darkroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.client.JobHandle;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.Worker;
import dev.darkroom.worker.device.RunRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class BatchingToleranceIT {
    private static final String UNET = "emoji/unet";

    @TempDir private static Path folder;
    @AutoClose private static Fleet fleet;

    @BeforeAll
    static void start() {
        fleet = new Fleet(folder);
    }

    @Test
    void jobsAmongOthersMakeThePicturesThatTheyMakeAlone() throws Exception {
        List<Job> jobs = MixedJobs.of("mixed", 16, 24);
        RunRecords apart = new RunRecords();
        List<List<byte[]>> alone = pictures("alone", Map.of("worker.slots", "1"), jobs, apart);
        RunRecords together = new RunRecords();
        List<List<byte[]>> among =
                pictures(
                        "among", Map.of("worker.slots", "16", "device.rows", "16"), jobs, together);

        assertThat(apart.of(UNET))
                .allSatisfy(run -> assertThat(run.rows().distinctJobs()).isEqualTo(1));
        // Jobs are not taken all at the same moment, so a few may miss most of the others.
        assertThat(jobs.stream().filter(job -> isCrowded(together, job)).count())
                .isGreaterThanOrEqualTo(12);
        double worst = 1;
        for (int i = 0; i < jobs.size(); i++) {
            worst = Math.min(worst, Pictures.share(alone.get(i), among.get(i)));
        }
        System.out.printf(
                Locale.ROOT,
                "16 mixed jobs, alone and together at %.1f rows per run: worst share %.6f%n",
                together.of(UNET).stream()
                        .mapToInt(run -> run.rows().count())
                        .average()
                        .orElseThrow(),
                worst);
        assertThat(worst).isGreaterThanOrEqualTo(Pictures.BATCHING_TOLERANCE);
    }

    @Test
    void withOneRowPerRunTheSameJobMakesTheSameBytesWhateverElseRuns() throws Exception {
        List<Job> twins =
                Stream.of("twin-1", "twin-2")
                        .map(id -> Job.image("emoji", "a cat").id(id).seed(11).steps(6).build())
                        .toList();
        List<Job> all = new ArrayList<>(MixedJobs.of("crowd", 4));
        all.addAll(twins);
        RunRecords runs = new RunRecords();
        List<List<byte[]>> pictures =
                pictures("one", Map.of("worker.slots", "6", "device.rows", "1"), all, runs);
        List<byte[]> lonely =
                pictures(
                                "lonely",
                                Map.of("worker.slots", "1", "device.rows", "1"),
                                List.of(
                                        Job.image("emoji", "a cat")
                                                .id("twin-3")
                                                .seed(11)
                                                .steps(6)
                                                .build()),
                                new RunRecords())
                        .getFirst();

        assertThat(runs.of(UNET))
                .extracting(RunRecord::rows)
                .extracting(RunRecord.Rows::count)
                .containsOnly(1);
        assertThat(pictures.get(4).getFirst()).isEqualTo(lonely.getFirst());
        assertThat(pictures.get(5).getFirst()).isEqualTo(lonely.getFirst());
    }

    /// Whether a job shared a run with seven others or more.
    private static boolean isCrowded(RunRecords runs, Job job) {
        return runs.with(job.id()).stream()
                .filter(run -> run.graph().equals(UNET))
                .anyMatch(run -> run.rows().distinctJobs() >= 8);
    }

    /// What a worker of its own lane makes of these jobs, in their order.
    private static List<List<byte[]>> pictures(
            String lane, Map<String, String> settings, List<Job> jobs, RunRecords runs)
            throws Exception {
        Topics topics = fleet.lane(lane);
        List<List<byte[]>> pictures = new ArrayList<>();
        try (DarkroomClient client = fleet.client(topics)) {
            List<JobHandle> handles = new ArrayList<>();
            // All are there before the worker is, so that it takes as many at once as it can.
            jobs.forEach(job -> handles.add(client.submit(job)));
            Map<String, String> apart = new HashMap<>(settings);
            apart.put("s3.prefix", lane + "/");
            try (Worker _ = fleet.worker(topics, apart, runs)) {
                for (JobHandle handle : handles) {
                    Terminal end = handle.result().toCompletableFuture().get(2, TimeUnit.MINUTES);
                    pictures.add(Pictures.of(fleet, end));
                }
            }
        }
        return pictures;
    }
}
