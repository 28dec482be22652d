package dev.darkroom.worker.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.tensor.FloatTensor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The lane with its thread, over graphs that compute something simple and remember it.
@Timeout(60)
final class DeviceLaneTest {
    private final ExecutorService device =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().name("device").factory());
    private final ExecutorService jobs = Executors.newVirtualThreadPerTaskExecutor();
    private final Seen seen = new Seen();
    private final DeviceLane lane = new DeviceLane(device, new CapPolicy.Fixed(16), seen);

    @AfterEach
    void close() {
        lane.close();
        jobs.shutdownNow();
        device.shutdownNow();
    }

    @Test
    void givesEachRowItsOwnResult() {
        TinyGraph graph = TinyGraph.vector("tiny");
        Evaluation evaluation = graph.evaluation(5, 1, 2, 3);
        try (DeviceLane.Ticket ticket = lane.open(new JobId("a"))) {
            ticket.evaluate(evaluation);
            assertThat(evaluation.output("out").toArray()).containsExactly(7, 3, 9, 1, 11, -1);
            assertThat(ticket.deviceSeconds()).isPositive();
        }
    }

    @Test
    void reusesTheOutputsOfAnEvaluation() {
        TinyGraph graph = TinyGraph.vector("tiny");
        Evaluation evaluation = graph.evaluation(5, 1);
        try (DeviceLane.Ticket ticket = lane.open(new JobId("a"))) {
            ticket.evaluate(evaluation);
            Object first = evaluation.output("out");
            ticket.evaluate(evaluation);
            assertThat(evaluation.output("out")).isSameAs(first);
        }
    }

    @Test
    void mergesJobsAtDifferentTimestepsIntoOneRunAndALateJobIntoTheNext() throws Exception {
        TinyGraph graph = TinyGraph.vector("tiny").gated();
        Future<?> first = evaluate("first", graph.evaluation(9, 1));
        graph.awaitEntered();
        List<Evaluation> evaluations = new ArrayList<>();
        List<Future<?>> others = new ArrayList<>();
        for (int job = 0; job < 4; job++) {
            Evaluation evaluation = graph.evaluation(100 * job, job, job + 0.5f);
            evaluations.add(evaluation);
            others.add(evaluate("job-" + job, evaluation));
        }
        awaitRowsWaiting(8);
        graph.allow();
        first.get();
        graph.awaitEntered();
        Evaluation late = graph.evaluation(7, 70);
        Future<?> joining = evaluate("late", late);
        awaitRowsWaiting(1);
        graph.openGate();
        for (Future<?> other : others) {
            other.get();
        }
        joining.get();
        assertThat(graph.runs()).extracting(TinyGraph.Run::rows).containsExactly(1, 8, 1);
        assertThat(graph.runs().get(1).timesteps()).contains(0f, 100f, 200f, 300f);
        for (int job = 0; job < 4; job++) {
            assertThat(evaluations.get(job).output("out").get(2))
                    .isEqualTo(2 * job + 1f + 100 * job);
        }
        RunRecord merged = runs().get(1);
        assertThat(merged.rows().distinctJobs()).isEqualTo(4);
        assertThat(merged.rows().timesteps()).hasSize(8).contains(0.0, 300.0);
        assertThat(merged.sizing().why()).isEqualTo(RunRecord.Why.ALL_WAITING);
        assertThat(RunLog.line(merged)).contains("run tiny rows=8 jobs=4", "timestep[]");
    }

    @Test
    void keepsRowsOfDifferentTimestepsApartWhereTheGraphDeclaresAScalar() throws Exception {
        TinyGraph graph = TinyGraph.scalar("scalar").gated();
        Future<?> first = evaluate("first", graph.evaluation(9, 1));
        graph.awaitEntered();
        Evaluation one = graph.evaluation(10, 1, 2);
        Evaluation two = graph.evaluation(20, 3);
        Evaluation three = graph.evaluation(10, 4);
        List<Future<?>> all =
                List.of(evaluate("one", one), evaluate("two", two), evaluate("three", three));
        awaitRowsWaiting(4);
        graph.openGate();
        first.get();
        for (Future<?> each : all) {
            each.get();
        }
        assertThat(graph.runs()).extracting(TinyGraph.Run::rows).containsExactlyInAnyOrder(1, 3, 1);
        assertThat(one.output("out").toArray()).containsExactly(12, 8, 14, 6);
        assertThat(two.output("out").toArray()).containsExactly(26, 14);
        assertThat(three.output("out").toArray()).containsExactly(18, 2);
    }

    @Test
    void refusesRowsThatDifferInAScalar() {
        TinyGraph graph = TinyGraph.scalar("scalar");
        Evaluation evaluation = graph.evaluation(10, 1, 2);
        ((FloatTensor) Objects.requireNonNull(evaluation.inputs().get("timestep"))).set(1, 11);
        try (DeviceLane.Ticket ticket = lane.open(new JobId("a"))) {
            assertThatThrownBy(() -> ticket.evaluate(evaluation))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("one timestep for all rows, got 10.0 and 11.0");
        }
    }

    @Test
    void stopWhileWaitingKeepsTheRowsOutOfEveryLaterRun() throws Exception {
        TinyGraph graph = TinyGraph.vector("tiny").gated();
        Future<?> first = evaluate("first", graph.evaluation(9, 1));
        graph.awaitEntered();
        DeviceLane.Ticket ticket = lane.open(new JobId("stopped"));
        Future<?> stopped = evaluate(ticket, graph.evaluation(0, 66));
        Future<?> other = evaluate("other", graph.evaluation(0, 77));
        awaitRowsWaiting(2);
        ticket.stop();
        assertThatThrownBy(stopped::get).hasCauseInstanceOf(StoppedException.class);
        graph.openGate();
        first.get();
        other.get();
        assertThat(graph.runs()).flatExtracting(TinyGraph.Run::samples).containsExactly(1f, 77f);
        assertThatThrownBy(() -> ticket.evaluate(graph.evaluation(0, 67)))
                .isInstanceOf(StoppedException.class);
    }

    @Test
    void stopEndsARunThatNobodyElseIsIn() throws Exception {
        TinyGraph graph = TinyGraph.vector("tiny").gated();
        DeviceLane.Ticket ticket = lane.open(new JobId("alone"));
        Future<?> evaluating = evaluate(ticket, graph.evaluation(0, 1, 2));
        graph.awaitEntered();
        ticket.stop();
        assertThatThrownBy(evaluating::get).hasCauseInstanceOf(StoppedException.class);
        graph.openGate();
        evaluate("next", graph.evaluation(0, 3)).get();
        assertThat(runs())
                .extracting(RunRecord::outcome)
                .containsExactly(RunRecord.Outcome.TERMINATED, RunRecord.Outcome.COMPUTED);
    }

    @Test
    void stopDoesNotEndARunThatOthersAreIn() throws Exception {
        TinyGraph graph = TinyGraph.vector("tiny").gated();
        Future<?> first = evaluate("first", graph.evaluation(9, 1));
        graph.awaitEntered();
        DeviceLane.Ticket ticket = lane.open(new JobId("stopped"));
        Future<?> stopped = evaluate(ticket, graph.evaluation(0, 5));
        Evaluation kept = graph.evaluation(0, 6);
        Future<?> other = evaluate("other", kept);
        awaitRowsWaiting(2);
        graph.allow();
        first.get();
        graph.awaitEntered();
        ticket.stop();
        assertThatThrownBy(stopped::get).hasCauseInstanceOf(StoppedException.class);
        graph.openGate();
        other.get();
        assertThat(kept.output("out").get(0)).isEqualTo(12);
        assertThat(runs()).extracting(RunRecord::outcome).containsOnly(RunRecord.Outcome.COMPUTED);
    }

    @Test
    void runsThatSurviveATerminationRunAgain() throws Exception {
        TinyGraph graph = TinyGraph.vector("tiny").gated();
        Evaluation evaluation = graph.evaluation(0, 4);
        Future<?> evaluating = evaluate("a", evaluation);
        graph.awaitEntered();
        graph.terminate();
        graph.openGate();
        evaluating.get();
        assertThat(evaluation.output("out").get(0)).isEqualTo(8);
        assertThat(runs())
                .extracting(RunRecord::outcome)
                .containsExactly(RunRecord.Outcome.TERMINATED, RunRecord.Outcome.COMPUTED);
    }

    @Test
    void halvesRunsThatDoNotFitUntilTheyDo() throws Exception {
        TinyGraph graph = TinyGraph.vector("tiny").withMemoryFor(3);
        Evaluation evaluation = graph.evaluation(1, 1, 2, 3, 4, 5, 6, 7, 8);
        evaluate("a", evaluation).get();
        for (int row = 0; row < 8; row++) {
            assertThat(evaluation.output("out").get(2 * row)).isEqualTo(2 * (row + 1) + 1);
        }
        Evaluation next = graph.evaluation(1, 1, 2, 3, 4);
        evaluate("a", next).get();
        assertThat(runs())
                .extracting(run -> run.rows().count() + " " + run.outcome())
                .containsExactly(
                        "8 OUT_OF_MEMORY",
                        "4 OUT_OF_MEMORY",
                        "2 COMPUTED",
                        "2 COMPUTED",
                        "4 OUT_OF_MEMORY",
                        "2 COMPUTED",
                        "2 COMPUTED",
                        "2 COMPUTED",
                        "2 COMPUTED");
    }

    @Test
    void aSingleRowThatDoesNotFitFailsItsJobOnly() {
        TinyGraph graph = TinyGraph.vector("tiny").withMemoryFor(0);
        try (DeviceLane.Ticket ticket = lane.open(new JobId("a"))) {
            assertThatThrownBy(() -> ticket.evaluate(graph.evaluation(0, 1, 2)))
                    .asInstanceOf(InstanceOfAssertFactories.type(FailureException.class))
                    .satisfies(failure -> {
                        assertThat(failure.failure().code()).isEqualTo(FailureCode.OUT_OF_MEMORY);
                        assertThat(failure).hasMessageContaining("tiny refused rows 0 to 0 of 2");
                    });
        }
    }

    @Test
    void aRowThatTheGraphChokesOnFailsItsOwnJobOnly() throws Exception {
        TinyGraph graph = TinyGraph.vector("tiny").chokingOn(13).gated();
        Future<?> first = evaluate("first", graph.evaluation(9, 1));
        graph.awaitEntered();
        List<Evaluation> evaluations = new ArrayList<>();
        List<Future<?>> futures = new ArrayList<>();
        for (int job = 10; job < 15; job++) {
            Evaluation evaluation = graph.evaluation(0, job, job + 20);
            evaluations.add(evaluation);
            futures.add(evaluate("job-" + job, evaluation));
        }
        awaitRowsWaiting(10);
        graph.openGate();
        first.get();
        for (int job = 10; job < 15; job++) {
            Future<?> future = futures.get(job - 10);
            if (job == 13) {
                assertThatThrownBy(future::get)
                        .cause()
                        .asInstanceOf(InstanceOfAssertFactories.type(FailureException.class))
                        .satisfies(failure -> {
                            assertThat(failure.failure().code()).isEqualTo(FailureCode.BUG);
                            assertThat(failure)
                                    .hasMessageContaining("tiny refused rows 0 to 1 of 2")
                                    .hasMessageContaining("choked on 13.0");
                        });
            } else {
                future.get();
                assertThat(evaluations.get(job - 10).output("out").get(0)).isEqualTo(2 * job);
            }
        }
    }

    @Test
    void aLostDeviceFailsEverythingAndSaysSo() throws Exception {
        TinyGraph graph =
                TinyGraph.vector("tiny")
                        .throwing(new DeviceLostException("gone", new IllegalStateException()))
                        .gated();
        Future<?> first = evaluate("first", graph.evaluation(0, 1));
        graph.awaitEntered();
        Future<?> second = evaluate("second", graph.evaluation(0, 2));
        awaitRowsWaiting(1);
        graph.openGate();
        for (Future<?> each : List.of(first, second)) {
            assertThatThrownBy(each::get)
                    .cause()
                    .hasMessageContaining("DEVICE_LOST")
                    .hasMessageContaining("gone");
        }
        assertThatThrownBy(() -> evaluate("third", graph.evaluation(0, 3)).get())
                .cause()
                .hasMessageContaining("DEVICE_LOST");
        assertThatThrownBy(() -> lane.call(() -> 1)).hasMessageContaining("DEVICE_LOST");
        assertThat(seen.lost).hasSize(1);
        assertThat(graph.runs()).hasSize(1);
    }

    @Test
    void callsRunOnTheDeviceThreadAndThrowWhatTheyThrow() {
        Thread thread = lane.call(Thread::currentThread);
        assertThat(thread.getName()).isEqualTo("device");
        assertThat(lane.<Integer>call(() -> lane.call(() -> 3))).isEqualTo(3);
        assertThatThrownBy(() ->
                        lane.call(() -> {
                            throw new IllegalArgumentException("no");
                        }))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no");
        Callable<Integer> checked =
                () -> {
                    throw new IOException("disk");
                };
        assertThatThrownBy(() -> lane.call(checked))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("disk");
        assertThat(lane.stalledSeconds()).isPositive();
    }

    @Test
    void closeStopsJobsAndRefusesNewOnes() throws Exception {
        TinyGraph graph = TinyGraph.vector("tiny").gated();
        Future<?> first = evaluate("first", graph.evaluation(0, 1));
        graph.awaitEntered();
        Future<?> second = evaluate("second", graph.evaluation(0, 2));
        awaitRowsWaiting(1);
        lane.close();
        for (Future<?> each : List.of(first, second)) {
            assertThatThrownBy(each::get).hasCauseInstanceOf(StoppedException.class);
        }
        assertThatThrownBy(() -> lane.call(() -> 1)).hasMessageContaining("closed");
        assertThatThrownBy(() -> evaluate("third", graph.evaluation(0, 3)).get())
                .hasCauseInstanceOf(StoppedException.class);
    }

    @Test
    void anObserverThatFailsDoesNotStopTheLane() throws Exception {
        seen.failing.set(1);
        TinyGraph graph = TinyGraph.vector("tiny");
        evaluate("a", graph.evaluation(0, 1)).get();
        evaluate("a", graph.evaluation(0, 2)).get();
        assertThat(graph.runs()).hasSize(2);
    }

    @Test
    void everyEvaluationGetsItsOwnRowsBackWhileJobsAreStoppedAtRandom() throws Exception {
        List<TinyGraph> graphs =
                List.of(
                        TinyGraph.vector("one"),
                        TinyGraph.scalar("two").withMemoryFor(5),
                        TinyGraph.vector("three").withMemoryFor(7));
        AtomicInteger steps = new AtomicInteger();
        AtomicInteger stops = new AtomicInteger();
        List<Future<?>> all = new ArrayList<>();
        for (int job = 0; job < 120; job++) {
            int number = job;
            all.add(
                    jobs.submit(() -> {
                        hammer(number, graphs, steps, stops);
                        return null;
                    }));
        }
        for (Future<?> each : all) {
            each.get();
        }
        assertThat(steps.get()).isGreaterThan(1000);
        assertThat(stops.get()).isBetween(1, 119);
        assertThat(graphs.stream().flatMap(graph -> graph.runs().stream()))
                .extracting(TinyGraph.Run::thread)
                .containsOnly(lane.call(Thread::currentThread));
        assertThat(graphs.getFirst().runs()).anyMatch(run -> run.rows() > 3);
        assertThat(lane.rowsWaiting()).isZero();
    }

    private void hammer(
            int number, List<TinyGraph> graphs, AtomicInteger steps, AtomicInteger stops) {
        Random random = new Random(number);
        try (DeviceLane.Ticket ticket = lane.open(new JobId("job-" + number))) {
            Future<?> stopping = CompletableFuture.completedFuture(null);
            for (int step = 0; step < 30; step++) {
                if (number % 3 == 0 && step == 5 + random.nextInt(20)) {
                    stopping = jobs.submit(ticket::stop);
                }
                TinyGraph graph = graphs.get(random.nextInt(graphs.size()));
                float[] samples = new float[1 + random.nextInt(4)];
                for (int row = 0; row < samples.length; row++) {
                    samples[row] = number * 1000 + step * 10 + row;
                }
                float timestep = random.nextInt(3);
                Evaluation evaluation = graph.evaluation(timestep, samples);
                ticket.evaluate(evaluation);
                for (int row = 0; row < samples.length; row++) {
                    assertThat(evaluation.output("out").get(2 * row))
                            .isEqualTo(2 * samples[row] + timestep);
                    assertThat(evaluation.output("out").get(2 * row + 1))
                            .isEqualTo(-2 * samples[row] + timestep);
                }
                steps.incrementAndGet();
            }
            stopping.get();
        } catch (StoppedException e) {
            assertThat(number % 3).isZero();
            stops.incrementAndGet();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What the observer was told: jobs are woken before it is, so the device thread must have gone
    /// on to something else.
    private List<RunRecord> runs() {
        assertThat(lane.<Boolean>call(() -> true)).isTrue();
        return seen.runs;
    }

    private Future<?> evaluate(String job, Evaluation evaluation) {
        return evaluate(lane.open(new JobId(job)), evaluation);
    }

    private Future<?> evaluate(DeviceLane.Ticket ticket, Evaluation evaluation) {
        return jobs.submit(() -> {
            ticket.evaluate(evaluation);
            return null;
        });
    }

    /// Returns once the jobs that were just started have submitted their rows.
    private void awaitRowsWaiting(int rows) throws TimeoutException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (lane.rowsWaiting() < rows) {
            if (System.nanoTime() - end > 0) {
                throw new TimeoutException(lane.rowsWaiting() + " rows wait, not " + rows);
            }
            Thread.onSpinWait();
        }
    }

    private static final class Seen implements LaneObserver {
        final List<RunRecord> runs = new CopyOnWriteArrayList<>();
        final List<Throwable> lost = new CopyOnWriteArrayList<>();
        final AtomicInteger failing = new AtomicInteger();

        @Override
        public void ran(RunRecord run) {
            if (failing.getAndDecrement() > 0) {
                throw new IllegalStateException("an observer's own failure");
            }
            runs.add(run);
        }

        @Override
        public void stalled(Duration time) {}

        @Override
        public void lost(Throwable cause) {
            lost.add(cause);
        }
    }
}
