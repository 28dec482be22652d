package dev.darkroom.worker.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.job.JobId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Jobs that ask for their next rows as soon as they have the last ones, on devices whose speed is
/// a formula and on a clock that only runs when a device does: whole afternoons in milliseconds.
final class BatchingSimulationTest {
    private static final long MICRO = 1_000;
    private static final long MILLI = 1_000_000;

    /// Runs before a cap counts as settled.
    private static final int SETTLING = 2_000;

    private static final int MEASURED = 4_000;

    private static final List<Load> LOADS =
            List.of(
                    new Load(2, 1),
                    new Load(4, 2),
                    new Load(16, 1),
                    new Load(8, 2),
                    new Load(16, 2),
                    new Load(40, 2));

    private final Map<Key, Long> used = new HashMap<>();
    private long now;

    /// How long a run takes, in microseconds.
    enum Device {
        FIXED_OVERHEAD {
            @Override
            double micros(int rows, Random random) {
                return 5_000 + 1_000 * rows;
            }
        },
        NO_OVERHEAD {
            @Override
            double micros(int rows, Random random) {
                return 1_000 * rows;
            }
        },
        DEARER_WITH_EACH_ROW {
            @Override
            double micros(int rows, Random random) {
                return 1_000 * Math.pow(rows, 1.15);
            }
        },
        BARELY_DEARER_WITH_EACH_ROW {
            @Override
            double micros(int rows, Random random) {
                return 1_000 * Math.pow(rows, 1.04);
            }
        },
        TWICE_AS_DEAR_ABOVE_EIGHT {
            @Override
            double micros(int rows, Random random) {
                return (500 + 1_000 * rows) * (rows > 8 ? 2 : 1);
            }
        };

        abstract double micros(int rows, Random random);
    }

    /// How much it wavers from run to run.
    enum Noise {
        NONE,
        THIRTY_PERCENT;

        double factor(Random random) {
            return this == NONE ? 1 : 0.7 + 0.6 * random.nextDouble();
        }
    }

    private record Load(int jobs, int rowsEach) {}

    /// In every company and with every noise, for each kind of device.
    @ParameterizedTest
    @EnumSource
    void learntCapsAreNotSlowerThanOneRowAtATime(Device device) {
        for (Load load : LOADS) {
            assertThat(rowsPerSecond(new CapPolicy.Learnt(64), device, Noise.NONE, load))
                    .as("%s of %s", load, device)
                    .isGreaterThan(
                            0.98 * rowsPerSecond(new CapPolicy.Fixed(1), device, Noise.NONE, load));
            // What differs by a few percent cannot be told from chance here, and is not worth much.
            assertThat(rowsPerSecond(new CapPolicy.Learnt(64), device, Noise.THIRTY_PERCENT, load))
                    .as("%s of a noisy %s", load, device)
                    .isGreaterThan(
                            0.93
                                    * rowsPerSecond(
                                            new CapPolicy.Fixed(1),
                                            device,
                                            Noise.THIRTY_PERCENT,
                                            load));
        }
    }

    @ParameterizedTest
    @EnumSource
    void learntCapsFindMostOfWhatBatchingGains(Noise noise) {
        Load load = new Load(40, 2);
        assertThat(rowsPerSecond(new CapPolicy.Learnt(64), Device.FIXED_OVERHEAD, noise, load))
                .isGreaterThan(
                        0.9
                                * rowsPerSecond(
                                        new CapPolicy.Fixed(64),
                                        Device.FIXED_OVERHEAD,
                                        noise,
                                        load));
        assertThat(
                        rowsPerSecond(
                                new CapPolicy.Learnt(64),
                                Device.TWICE_AS_DEAR_ABOVE_EIGHT,
                                noise,
                                load))
                .isGreaterThan(
                        0.9
                                * rowsPerSecond(
                                        new CapPolicy.Fixed(8),
                                        Device.TWICE_AS_DEAR_ABOVE_EIGHT,
                                        noise,
                                        load));
    }

    /// Three keys, each with jobs that come back, at runs of 1, 20 and 400 ms.
    @ParameterizedTest
    @CsvSource({"1, 1, 1", "1, 1, 8", "8, 1, 1", "3, 8, 5"})
    void aKeyWaitsForOneRunOfEachOtherKeyAtMost(int cheapJobs, int middleJobs, int dearJobs) {
        Batcher batcher = new Batcher(new CapPolicy.Fixed(8));
        Key cheap = new Key(TinyGraph.vector("cheap"), MILLI);
        Key middle = new Key(TinyGraph.vector("middle"), 20 * MILLI);
        Key dear = new Key(TinyGraph.vector("dear"), 400 * MILLI);
        submit(batcher, cheap.graph(), "cheap", cheapJobs);
        submit(batcher, middle.graph(), "middle", middleJobs);
        submit(batcher, dear.graph(), "dear", dearJobs);
        Map<Key, Long> longest = longestWaits(batcher, List.of(cheap, middle, dear), 600);
        assertThat(longest.getOrDefault(cheap, 0L)).isLessThanOrEqualTo(420 * MILLI);
        assertThat(longest.getOrDefault(middle, 0L)).isLessThanOrEqualTo(401 * MILLI);
        assertThat(longest.getOrDefault(dear, 0L)).isLessThanOrEqualTo(21 * MILLI);
    }

    /// With a backlog beyond the cap, each key gets the time of the dearest run in turn: equal
    /// shares of the device, in runs of their own size.
    @Test
    void keysWithABacklogShareTheDeviceAndWaitForOneDearestRunOfEachOtherAtMost() {
        Batcher batcher = new Batcher(new CapPolicy.Fixed(2));
        Key cheap = new Key(TinyGraph.vector("cheap"), MILLI);
        Key middle = new Key(TinyGraph.vector("middle"), 20 * MILLI);
        Key dear = new Key(TinyGraph.vector("dear"), 400 * MILLI);
        List<Key> keys = List.of(cheap, middle, dear);
        for (Key key : keys) {
            submit(batcher, key.graph(), key.graph().name(), 40_000);
        }
        // What a key's run costs is not known before its first.
        longestWaits(batcher, keys, 3_000);
        Map<Key, Long> longest = longestWaits(batcher, keys, 17_000);
        assertThat(longest.values()).allMatch(wait -> wait <= 2 * 401 * MILLI);
        long third = now / 3;
        assertThat(used.values()).allMatch(time -> Math.abs(time - third) <= 401 * MILLI);
    }

    private record Key(TinyGraph graph, long nanos) {}

    /// Makes runs, and measures from the end of a key's run, or the start, to its next run.
    private Map<Key, Long> longestWaits(Batcher batcher, List<Key> keys, int runs) {
        Map<Key, Long> longest = new HashMap<>();
        Map<Key, Long> since = new HashMap<>();
        keys.forEach(key -> since.put(key, now));
        for (int run = 0; run < runs; run++) {
            Batch batch = take(batcher);
            Key key =
                    keys.stream()
                            .filter(each -> each.graph() == batch.key().graph())
                            .findFirst()
                            .orElseThrow();
            longest.merge(key, now - since.getOrDefault(key, now), Math::max);
            used.merge(key, key.nanos(), Long::sum);
            compute(batcher, batch, key.nanos());
            since.put(key, now);
        }
        return longest;
    }

    private double rowsPerSecond(CapPolicy policy, Device device, Noise noise, Load load) {
        Random random = new Random(42);
        now = 0;
        Batcher batcher = new Batcher(policy);
        TinyGraph graph = TinyGraph.vector("graph");
        for (int job = 0; job < load.jobs(); job++) {
            submit(batcher, graph, "job-" + job, load.rowsEach());
        }
        long rows = 0;
        long start = 0;
        for (int run = 0; run < SETTLING + MEASURED; run++) {
            if (run == SETTLING) {
                rows = 0;
                start = now;
            }
            Batch batch = take(batcher);
            double micros = device.micros(batch.rows(), random) * noise.factor(random);
            rows += batch.rows();
            compute(batcher, batch, Math.round(micros * MICRO));
        }
        return rows / ((now - start) / 1e9);
    }

    private static Work submit(Batcher batcher, TinyGraph graph, String job, int rows) {
        Evaluation evaluation = graph.evaluation(1, new float[rows]);
        Work work = new Work(new Seat(new JobId(job)), evaluation, BatchKey.of(evaluation));
        batcher.submit(work);
        return work;
    }

    private Batch take(Batcher batcher) {
        while (true) {
            switch (batcher.next(now)) {
                case Batcher.Next.Run(Batch batch) -> {
                    return batch;
                }
                case Batcher.Next.Wait(long until) -> now = until;
                case Batcher.Next.Idle _ -> throw new IllegalStateException("no rows wait");
            }
        }
    }

    private void compute(Batcher batcher, Batch batch, long nanos) {
        now += nanos;
        for (Work work : batcher.computed(batch, nanos, now)) {
            work.end(new Ending.Delivered());
            batcher.submit(new Work(work.seat(), work.evaluation(), work.key()));
        }
    }
}
