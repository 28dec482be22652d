package dev.darkroom.worker.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A device that fails in every way but the last, at random, under jobs that are stopped at random.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DeviceLaneFaultsTest {
    private static final int JOBS = 12;
    private static final int EVALUATIONS = 150;

    @Test
    void everyEvaluationEndsInItsOwnRowsOrInAnErrorWhateverTheDeviceDoes() throws Exception {
        FaultyGraph graph = new FaultyGraph();
        try (ExecutorService device = Executors.newSingleThreadExecutor();
                ExecutorService jobs = Executors.newVirtualThreadPerTaskExecutor();
                DeviceLane lane =
                        new DeviceLane(
                                device, new CapPolicy.Learnt(16), LaneObserver.all(List.of()))) {
            List<Future<Integer>> running = new ArrayList<>();
            for (int job = 0; job < JOBS; job++) {
                int number = job;
                running.add(jobs.submit(() -> evaluate(lane, graph, number)));
            }
            int delivered = 0;
            for (Future<Integer> each : running) {
                delivered += each.get();
            }
            assertThat(delivered).isGreaterThan(JOBS * EVALUATIONS / 2);
            assertThat(lane.rowsWaiting()).isZero();
        }
    }

    @Test
    void anObserverThatFailsDoesNotKeepTheOthersFromHearing() {
        List<Throwable> heard = new ArrayList<>();
        LaneObserver failing = new Deaf(new IllegalStateException("deaf"), heard);
        LaneObserver both = LaneObserver.all(List.of(failing, new Deaf(null, heard)));
        IllegalArgumentException cause = new IllegalArgumentException("gone");
        assertThatThrownBy(() -> both.lost(cause)).hasMessage("deaf");
        assertThat(heard).containsExactly(cause);
    }

    private static int evaluate(DeviceLane lane, Graph graph, int job) {
        Random random = new Random(job);
        int delivered = 0;
        for (int i = 0; i < EVALUATIONS; i++) {
            int rows = 1 + random.nextInt(5);
            FloatTensor sample = FloatTensor.allocate(Shape.of(rows, 2));
            for (int at = 0; at < 2 * rows; at++) {
                sample.set(at, 1_000 * job + i);
            }
            Evaluation evaluation = new Evaluation(graph, rows, Map.of("sample", sample), Map.of());
            try (DeviceLane.Ticket ticket = lane.open(new JobId("job-" + job))) {
                if (random.nextInt(10) == 0) {
                    Thread.ofVirtual().start(ticket::close);
                }
                ticket.evaluate(evaluation);
                for (int at = 0; at < 2 * rows; at++) {
                    assertThat(evaluation.output("out").get(at)).isEqualTo(1_000 * job + i + 1);
                }
                delivered++;
            } catch (FailureException e) {
                assertThat(e.failure().code()).isIn(FailureCode.BUG, FailureCode.OUT_OF_MEMORY);
            } catch (StoppedException e) {
                assertThat(e).hasMessageContaining("faulty");
            }
        }
        return delivered;
    }

    private static final class FaultyGraph implements Graph {
        private final Random random = new Random(7);
        private final AtomicBoolean terminated = new AtomicBoolean();

        @Override
        public String name() {
            return "faulty";
        }

        @Override
        public Signature signature() {
            Signature.Port in =
                    new Signature.Port("sample", Signature.ElementType.FLOAT32, List.of(-1L, 2L));
            return new Signature(List.of(in), List.of());
        }

        @Override
        public Map<String, FloatTensor> run(Map<String, Tensor> inputs) {
            boolean end = terminated.getAndSet(false);
            FloatTensor sample = (FloatTensor) Objects.requireNonNull(inputs.get("sample"));
            switch (random.nextInt(40)) {
                case 0 -> throw new DeviceMemoryException("full", new IllegalStateException());
                case 1 -> throw new IllegalStateException("refused");
                case 2 -> throw new OutOfMemoryError("of the heap");
                case 3 -> throw new RunTerminatedException("late", new IllegalStateException());
                case 4 -> {
                    return Map.of("out", FloatTensor.allocate(Shape.of(99, 2)));
                }
                default -> {
                    if (end) {
                        throw new RunTerminatedException("end", new IllegalStateException());
                    }
                }
            }
            FloatTensor out = sample.copy();
            for (int i = 0; i < out.shape().elements(); i++) {
                out.set(i, out.get(i) + 1);
            }
            return Map.of("out", out);
        }

        @Override
        public void terminate() {
            terminated.set(true);
        }

        @Override
        public void close() {}
    }

    private record Deaf(@Nullable RuntimeException failure, List<Throwable> heard)
            implements LaneObserver {
        @Override
        public void ran(RunRecord run) {}

        @Override
        public void stalled(Duration time) {}

        @Override
        public void lost(Throwable cause) {
            if (failure != null) {
                throw failure;
            }
            heard.add(cause);
        }
    }
}
