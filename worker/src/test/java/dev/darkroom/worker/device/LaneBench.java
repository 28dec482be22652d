package dev.darkroom.worker.device;

import com.sun.management.OperatingSystemMXBean;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.onnx.DeviceOptions;
import dev.darkroom.worker.onnx.OnnxRuntime;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;

/// Measures rows per second of the demonstration model's denoiser, with one job and with sixteen,
/// each of which asks for its next rows, two unless told otherwise, as soon as it has the last
/// ones. Run it by hand: argument 1 the model folder, argument 2 (optional) the rounds of a second
/// for each number of jobs, argument 3 (optional) the rows of each job.
///
/// The figures of a busy machine waver, so the two are measured in turns, and the medians of many
/// short rounds are printed, with the processor time per row beside the elapsed time.
public final class LaneBench {
    private static final int JOBS = 16;

    private LaneBench() {}

    /// Prints the figures.
    public static void main(String[] arguments) throws Exception {
        Path model = Path.of(arguments[0]).resolve("unet/model.onnx");
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 15;
        int rows = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 2;
        for (CapPolicy policy :
                List.of(
                        new CapPolicy.Learnt(64),
                        new CapPolicy.Fixed(16),
                        new CapPolicy.Fixed(1))) {
            measure(model, policy, rounds, rows);
        }
    }

    private static void measure(Path model, CapPolicy policy, int rounds, int rows)
            throws Exception {
        Tally tally = new Tally();
        try (ExecutorService device = Executors.newSingleThreadExecutor();
                ExecutorService jobs = Executors.newVirtualThreadPerTaskExecutor();
                DeviceLane lane = new DeviceLane(device, policy, tally)) {
            OnnxRuntime runtime = lane.call(() -> OnnxRuntime.open(DeviceOptions.cpu()));
            Graph graph = lane.call(() -> runtime.load("emoji/unet", model));
            Bench bench = new Bench(lane, jobs, graph, tally, rows);
            for (int warmUp = 0; warmUp < 4; warmUp++) {
                bench.round(1);
                bench.round(JOBS);
            }
            List<Round> alone = new ArrayList<>();
            List<Round> queued = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                alone.add(bench.round(1));
                queued.add(bench.round(JOBS));
            }
            System.out.printf(Locale.ROOT, "%s, medians of %d rounds%n", policy, rounds);
            print("   alone", alone);
            print("   " + JOBS + " queued", queued);
            List<Double> ratios = new ArrayList<>();
            for (int round = 0; round < rounds; round++) {
                ratios.add(queued.get(round).rowsPerSecond() / alone.get(round).rowsPerSecond());
            }
            ratios.sort(null);
            System.out.printf(
                    Locale.ROOT,
                    "   ratio of rows/s, per round: median %.2f (%.2f to %.2f); of processor time"
                            + " per row: %.2f%n",
                    ratios.get(rounds / 2),
                    ratios.getFirst(),
                    ratios.getLast(),
                    median(alone, Round::cpuMillisPerRow) / median(queued, Round::cpuMillisPerRow));
            lane.call(() -> {
                runtime.close();
                return true;
            });
        }
    }

    private static void print(String what, List<Round> rounds) {
        System.out.printf(
                Locale.ROOT,
                "%s: %.1f rows/s, %.1f rows per run, %.2f ms processor time a row, device busy"
                        + " %.1f %%%n",
                what,
                median(rounds, Round::rowsPerSecond),
                median(rounds, Round::rowsPerRun),
                median(rounds, Round::cpuMillisPerRow),
                100 * median(rounds, Round::busy));
    }

    private static double median(List<Round> rounds, ToDoubleFunction<Round> figure) {
        return rounds.stream().mapToDouble(figure).sorted().toArray()[rounds.size() / 2];
    }

    private record Round(
            double rowsPerSecond, double rowsPerRun, double cpuMillisPerRow, double busy) {}

    private record Bench(
            DeviceLane lane, ExecutorService threads, Graph graph, Tally tally, int each) {
        Round round(int jobs) throws Exception {
            OperatingSystemMXBean system =
                    (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            tally.reset();
            double busyBefore = lane.busySeconds();
            long cpuBefore = system.getProcessCpuTime();
            long start = System.nanoTime();
            long end = start + 1_000_000_000L;
            List<Future<Integer>> running = new ArrayList<>();
            for (int job = 0; job < jobs; job++) {
                int number = job;
                running.add(threads.submit(() -> job(number, end)));
            }
            int rows = 0;
            for (Future<Integer> each : running) {
                rows += each.get();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Round(
                    rows / seconds,
                    tally.rowsPerRun(),
                    (system.getProcessCpuTime() - cpuBefore) / 1e6 / rows,
                    (lane.busySeconds() - busyBefore) / seconds);
        }

        private int job(int number, long end) {
            Random random = new Random(number);
            LongTensor timestep = LongTensor.allocate(Shape.of(each));
            Evaluation evaluation =
                    new Evaluation(
                            graph,
                            each,
                            Map.of(
                                    "sample",
                                    gaussian(random, each, 16, 8, 8),
                                    "timestep",
                                    timestep,
                                    "encoder_hidden_states",
                                    gaussian(random, each, 77, 128)),
                            Map.of());
            int rows = 0;
            try (DeviceLane.Ticket ticket = lane.open(new JobId("job-" + number))) {
                while (System.nanoTime() - end < 0) {
                    long step = random.nextInt(1000);
                    for (int row = 0; row < each; row++) {
                        timestep.set(row, step);
                    }
                    ticket.evaluate(evaluation);
                    rows += each;
                }
            }
            return rows;
        }
    }

    private static FloatTensor gaussian(Random random, int... sizes) {
        FloatTensor tensor = FloatTensor.allocate(Shape.of(sizes));
        for (int i = 0; i < tensor.shape().elements(); i++) {
            tensor.set(i, (float) random.nextGaussian());
        }
        return tensor;
    }

    private static final class Tally implements LaneObserver {
        private int runs;
        private int rows;

        @Override
        public synchronized void ran(RunRecord run) {
            runs++;
            rows += run.rows().count();
        }

        @Override
        public void stalled(Duration time) {}

        @Override
        public void lost(Throwable cause) {
            throw new IllegalStateException(cause);
        }

        synchronized void reset() {
            runs = 0;
            rows = 0;
        }

        synchronized double rowsPerRun() {
            return (double) rows / Math.max(1, runs);
        }
    }
}
