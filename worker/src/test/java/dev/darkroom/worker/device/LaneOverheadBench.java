package dev.darkroom.worker.device;

import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/// Measures what the lane adds to each run: gathering, scattering, bookkeeping, and the wait for
/// jobs to come back. Eight jobs of two rows each at the size of Stable Diffusion 1.5, latents of 4
/// by 64 by 64 and 77 by 768 numbers of text, on a device that only takes its time. Run it by hand:
/// argument 1 (optional) the milliseconds of a run, argument 2 (optional) the number of runs.
///
/// The elapsed time holds whatever else the machine does meanwhile; the processor time of the
/// device thread, which only sleeps in a run, is what gathering, scattering and bookkeeping take.
public final class LaneOverheadBench {
    private static final int JOBS = 8;
    private static final int ROWS = 2;

    private LaneOverheadBench() {}

    /// Prints the figures.
    public static void main(String[] arguments) throws Exception {
        int millis = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 50;
        int runs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 100;
        try (ExecutorService device = Executors.newSingleThreadExecutor();
                ExecutorService jobs = Executors.newVirtualThreadPerTaskExecutor();
                DeviceLane lane =
                        new DeviceLane(
                                device,
                                new CapPolicy.Fixed(JOBS * ROWS),
                                LaneObserver.all(List.of()))) {
            SlowGraph graph = new SlowGraph(millis * 1_000_000L);
            for (int round = 0; round < 4; round++) {
                long cpuBefore = lane.call(LaneOverheadBench::cpuNanos);
                double busyBefore = lane.busySeconds();
                graph.rows = 0;
                graph.runs = 0;
                long start = System.nanoTime();
                List<Future<?>> running = new ArrayList<>();
                for (int job = 0; job < JOBS; job++) {
                    JobId id = new JobId("job-" + job);
                    running.add(jobs.submit(() -> evaluate(lane, graph, id, runs)));
                }
                for (Future<?> each : running) {
                    each.get();
                }
                double seconds = (System.nanoTime() - start) / 1e9;
                double busy = lane.busySeconds() - busyBefore;
                long cpu = lane.call(LaneOverheadBench::cpuNanos) - cpuBefore;
                System.out.printf(
                        Locale.ROOT,
                        "%d runs of %.1f rows, beside each run: %.0f us, of which the device"
                                + " thread computes %.0f us; device busy %.2f %%%n",
                        graph.runs,
                        (double) graph.rows / graph.runs,
                        (seconds - busy) * 1e6 / graph.runs,
                        cpu / 1e3 / graph.runs,
                        100 * busy / seconds);
            }
        }
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static void evaluate(DeviceLane lane, Graph graph, JobId job, int times) {
        Evaluation evaluation =
                new Evaluation(
                        graph,
                        ROWS,
                        Map.of(
                                "sample",
                                FloatTensor.allocate(Shape.of(ROWS, 4, 64, 64)),
                                "timestep",
                                FloatTensor.allocate(Shape.of(ROWS)),
                                "encoder_hidden_states",
                                FloatTensor.allocate(Shape.of(ROWS, 77, 768))),
                        Map.of());
        try (DeviceLane.Ticket ticket = lane.open(job)) {
            for (int i = 0; i < times; i++) {
                ticket.evaluate(evaluation);
            }
        }
    }

    /// Takes its time and gives back what it was given before.
    private static final class SlowGraph implements Graph {
        private static final Signature.ElementType FLOAT = Signature.ElementType.FLOAT32;

        private final long nanos;
        private final FloatTensor out = FloatTensor.allocate(Shape.of(JOBS * ROWS, 4, 64, 64));

        // Owned by the device thread while jobs are under way.
        private int runs;
        private int rows;

        SlowGraph(long nanos) {
            this.nanos = nanos;
        }

        @Override
        public String name() {
            return "slow";
        }

        @Override
        public Signature signature() {
            return new Signature(
                    List.of(
                            new Signature.Port("sample", FLOAT, List.of(-1L, 4L, 64L, 64L)),
                            new Signature.Port("timestep", FLOAT, List.of(-1L)),
                            new Signature.Port(
                                    "encoder_hidden_states", FLOAT, List.of(-1L, 77L, 768L))),
                    List.of());
        }

        @Override
        public Map<String, FloatTensor> run(Map<String, Tensor> inputs) {
            long end = System.nanoTime() + nanos;
            int count = Objects.requireNonNull(inputs.get("sample")).shape().size(0);
            runs++;
            rows += count;
            for (long left = nanos; left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            return Map.of("out", out.rows(0, count));
        }

        @Override
        public void terminate() {}

        @Override
        public void close() {}
    }
}
