package dev.darkroom.worker.device;

import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.onnx.DeviceOptions;
import dev.darkroom.worker.onnx.OnnxRuntime;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
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

/// Measures rows per second of the demonstration model's denoiser, with one job and with sixteen,
/// each of which asks for its next two rows as soon as it has the last ones. Run it by hand:
/// argument 1 the model folder, argument 2 (optional) seconds per measurement.
///
/// The figures of a busy machine waver, so the two are measured in turns and compared by round.
public final class LaneBench {
    private static final int JOBS = 16;
    private static final int ROUNDS = 5;

    private LaneBench() {}

    /// Prints the figures.
    public static void main(String[] arguments) throws Exception {
        Path model = Path.of(arguments[0]).resolve("unet/model.onnx");
        double seconds = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 4;
        for (CapPolicy policy :
                List.of(new CapPolicy.Learnt(64), new CapPolicy.Fixed(16), new CapPolicy.Fixed(1))) {
            measure(model, policy, seconds);
        }
    }

    private static void measure(Path model, CapPolicy policy, double seconds) throws Exception {
        Tally tally = new Tally();
        try (ExecutorService device = Executors.newSingleThreadExecutor();
                ExecutorService jobs = Executors.newVirtualThreadPerTaskExecutor();
                DeviceLane lane = new DeviceLane(device, policy, tally)) {
            OnnxRuntime runtime = lane.call(() -> OnnxRuntime.open(DeviceOptions.cpu()));
            Graph graph = lane.call(() -> runtime.load("emoji/unet", model));
            rowsPerSecond(lane, jobs, graph, 1, seconds);
            rowsPerSecond(lane, jobs, graph, JOBS, seconds);
            for (int round = 0; round < ROUNDS; round++) {
                double alone = rowsPerSecond(lane, jobs, graph, 1, seconds);
                tally.reset();
                double busyBefore = lane.busySeconds();
                long start = System.nanoTime();
                double queued = rowsPerSecond(lane, jobs, graph, JOBS, seconds);
                double busy = (lane.busySeconds() - busyBefore) / ((System.nanoTime() - start) / 1e9);
                System.out.printf(
                        Locale.ROOT,
                        "%s: alone %.1f rows/s, %d queued %.1f rows/s, ratio %.3f,"
                                + " %.1f rows per run, device busy %.1f %%%n",
                        policy,
                        alone,
                        JOBS,
                        queued,
                        queued / alone,
                        tally.rowsPerRun(),
                        100 * busy);
            }
            lane.call(() -> {
                runtime.close();
                return true;
            });
        }
    }

    private static double rowsPerSecond(
            DeviceLane lane, ExecutorService threads, Graph graph, int jobs, double seconds)
            throws Exception {
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        List<Future<Integer>> running = new ArrayList<>();
        for (int job = 0; job < jobs; job++) {
            int number = job;
            running.add(threads.submit(() -> job(lane, graph, number, end)));
        }
        int rows = 0;
        for (Future<Integer> each : running) {
            rows += each.get();
        }
        return rows / ((System.nanoTime() - start) / 1e9);
    }

    private static int job(DeviceLane lane, Graph graph, int number, long end) {
        Random random = new Random(number);
        FloatTensor sample = random(random, 2, 16, 8, 8);
        FloatTensor text = random(random, 2, 77, 128);
        LongTensor timestep = LongTensor.allocate(Shape.of(2));
        Evaluation evaluation =
                new Evaluation(
                        graph,
                        2,
                        Map.of("sample", sample, "timestep", timestep, "encoder_hidden_states", text),
                        Map.of());
        int rows = 0;
        try (DeviceLane.Ticket ticket = lane.open(new JobId("job-" + number))) {
            while (System.nanoTime() - end < 0) {
                long step = random.nextInt(1000);
                timestep.set(0, step);
                timestep.set(1, step);
                ticket.evaluate(evaluation);
                rows += 2;
            }
        }
        return rows;
    }

    private static FloatTensor random(Random random, int... sizes) {
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
