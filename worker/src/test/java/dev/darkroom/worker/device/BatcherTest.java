package dev.darkroom.worker.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The bookkeeping alone: time is what the test says it is.
final class BatcherTest {
    private static final long MILLI = 1_000_000;

    private final TinyGraph graph = TinyGraph.vector("graph");
    private Batcher batcher = new Batcher(new CapPolicy.Fixed(8));
    private long now;

    @Test
    void isIdleWhenNothingWaits() {
        assertThat(batcher.next(now)).isEqualTo(new Batcher.Next.Idle());
    }

    /// Rows of the jobs `a`, `b`, `c` that wait, the cap, and the runs that follow.
    @ParameterizedTest(name = "rows {0}, {1}, {2} with cap {3}")
    @CsvSource({
        "1, 1, 1, 8, a0 b0 c0",
        "2, 2, 2, 3, a0 a1 b0 | b1 c0 c1",
        "5, 1, 1, 2, a0 a1 | a2 a3 | a4 b0 | c0",
        "1, 2, 1, 1, a0 | b0 | b1 | c0",
        "4, 4, 4, 12, a0 a1 a2 a3 b0 b1 b2 b3 c0 c1 c2 c3",
    })
    void fillsRunsToTheCapInTheOrderOfArrival(int a, int b, int c, int cap, String runs) {
        batcher = new Batcher(new CapPolicy.Fixed(cap));
        submit("a", graph, a);
        submit("b", graph, b);
        submit("c", graph, c);
        assertThat(drain(MILLI)).isEqualTo(runs);
    }

    @Test
    void givesAGraphThatWasExportedForOneRowOneRowAtATime() {
        submit("a", TinyGraph.singleRow("fixed"), 2);
        assertThat(drain(MILLI)).isEqualTo("a0 | a1");
    }

    @Test
    void anEvaluationIsCompleteWithItsLastRow() {
        batcher = new Batcher(new CapPolicy.Fixed(2));
        Work work = submit("a", graph, 3);
        assertThat(batcher.computed(take(), MILLI, now)).isEmpty();
        assertThat(batcher.computed(take(), MILLI, now)).containsExactly(work);
    }

    @Test
    void saysWhyARunHasItsSize() {
        batcher = new Batcher(new CapPolicy.Fixed(2));
        submit("a", graph, 3);
        Batch first = take();
        assertThat(first.why()).isEqualTo(RunRecord.Why.CAP);
        assertThat(first.leftWaiting()).isEqualTo(1);
        compute(first, MILLI);
        Batch second = take();
        assertThat(second.why()).isEqualTo(RunRecord.Why.ALL_WAITING);
        assertThat(second.leftWaiting()).isZero();
    }

    @Test
    void refusesToStartARunDuringAnother() {
        submit("a", graph, 1);
        take();
        submit("b", graph, 1);
        assertThatThrownBy(() -> batcher.next(now)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void keepsApartWhatMustNotShareARun() {
        Tensor sample = FloatTensor.allocate(Shape.of(1, 2));
        Tensor taller = FloatTensor.allocate(Shape.of(1, 3));
        Tensor time = FloatTensor.of(Shape.of(1), 1);
        Tensor later = FloatTensor.of(Shape.of(1), 2);
        Tensor whole = LongTensor.of(Shape.of(1), 1);
        Tensor ids = FloatTensor.of(Shape.of(3), 1, 2, 3);
        Tensor sameIds = FloatTensor.of(Shape.of(3), 1, 2, 3);
        Tensor otherIds = FloatTensor.of(Shape.of(3), 1, 2, 4);
        TinyGraph scalar = TinyGraph.scalar("scalar");
        BatchKey key = key(graph, sample, time, Map.of("ids", ids));
        assertThat(key).isEqualTo(key(graph, sample, later, Map.of("ids", sameIds)));
        assertThat(key).isNotEqualTo(key(graph, sample, time, Map.of("ids", otherIds)));
        assertThat(key).isNotEqualTo(key(graph, sample, time, Map.of()));
        assertThat(key).isNotEqualTo(key(graph, taller, time, Map.of("ids", ids)));
        assertThat(key).isNotEqualTo(key(graph, sample, whole, Map.of("ids", ids)));
        assertThat(key)
                .isNotEqualTo(key(TinyGraph.vector("graph"), sample, time, Map.of("ids", ids)));
        assertThat(key(scalar, sample, time, Map.of()))
                .isNotEqualTo(key(scalar, sample, later, Map.of()));
        assertThat(key(scalar, sample, time, Map.of()).profile())
                .isEqualTo(key(scalar, sample, later, Map.of()).profile());
    }

    @Test
    void sharesDeviceTimeNotRowsBetweenACheapAndADearKey() {
        batcher = new Batcher(new CapPolicy.Fixed(1));
        TinyGraph cheap = TinyGraph.vector("cheap");
        TinyGraph dear = TinyGraph.vector("dear");
        submit("many", cheap, 2000);
        submit("few", dear, 200);
        long cheapTime = 0;
        long dearTime = 0;
        long longestWait = 0;
        long waitSinceCheap = 0;
        for (int run = 0; run < 600; run++) {
            Batch batch = take();
            long nanos = batch.key().graph() == cheap ? MILLI : 50 * MILLI;
            if (batch.key().graph() == cheap) {
                cheapTime += nanos;
                waitSinceCheap = 0;
            } else {
                dearTime += nanos;
                waitSinceCheap += nanos;
            }
            longestWait = Math.max(longestWait, waitSinceCheap);
            compute(batch, nanos);
        }
        assertThat(Math.abs(cheapTime - dearTime)).isLessThanOrEqualTo(100 * MILLI);
        assertThat(longestWait).isLessThanOrEqualTo(100 * MILLI);
    }

    @Test
    void aSingleCheapRowIsNotStarvedByABacklogOfDearOnes() {
        batcher = new Batcher(new CapPolicy.Fixed(1));
        TinyGraph cheap = TinyGraph.vector("cheap");
        TinyGraph dear = TinyGraph.vector("dear");
        submit("warm", cheap, 1);
        compute(take(), MILLI);
        submit("few", dear, 100);
        compute(take(), 50 * MILLI);
        for (int round = 0; round < 20; round++) {
            submit("one", cheap, 1);
            List<String> graphs = new ArrayList<>();
            for (int run = 0; run < 2; run++) {
                Batch batch = take();
                graphs.add(batch.key().graph().name());
                compute(batch, batch.key().graph() == cheap ? MILLI : 50 * MILLI);
            }
            assertThat(graphs).contains("cheap");
        }
    }

    @Test
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void choosesAtOnceAfterALongRunThatFailed() {
        batcher = new Batcher(new CapPolicy.Fixed(1));
        Work first = submit("a", graph, 1);
        submit("b", graph, 1);
        assertThat(batcher.failed(take(), 600_000 * MILLI)).containsExactly(first);
        assertThat(rows(take())).isEqualTo("b0");
    }

    @Test
    void waitsForTheJobsItJustServedForATimeInProportion() {
        Work a = submit("a", graph, 1);
        Work b = submit("b", graph, 1);
        now = 7 * MILLI;
        compute(take(), 100 * MILLI);
        assertThat(batcher.next(now)).isEqualTo(new Batcher.Next.Idle());
        resubmit(a);
        assertThat(batcher.next(now)).isEqualTo(new Batcher.Next.Wait(now + 2 * MILLI));
        assertThat(batcher.next(now + 2 * MILLI - 1)).isInstanceOf(Batcher.Next.Wait.class);
        resubmit(b);
        assertThat(rows(take())).isEqualTo("a0 b0");
    }

    @Test
    void startsWithoutTheJobsThatDidNotComeBackInTime() {
        Work a = submit("a", graph, 1);
        submit("b", graph, 1);
        compute(take(), 100 * MILLI);
        resubmit(a);
        now += 2 * MILLI;
        assertThat(rows(take())).isEqualTo("a0");
    }

    @Test
    void doesNotWaitWhileAnotherKeyWaits() {
        Work a = submit("a", graph, 1);
        submit("b", graph, 1);
        compute(take(), 100 * MILLI);
        resubmit(a);
        submit("c", TinyGraph.vector("other"), 1);
        assertThat(rows(take())).isEqualTo("a0");
    }

    @Test
    void waitsWhereOnlyAScalarDiffers() {
        TinyGraph scalar = TinyGraph.scalar("scalar");
        Work a = submit("a", scalar, 1);
        submit("b", scalar, 1);
        compute(take(), 100 * MILLI);
        batcher.submit(work(a.seat(), scalar.evaluation(5, 1)));
        assertThat(batcher.next(now)).isInstanceOf(Batcher.Next.Wait.class);
    }

    @Test
    void doesNotWaitForAJobThatLeft() {
        Work a = submit("a", graph, 1);
        Work b = submit("b", graph, 1);
        compute(take(), 100 * MILLI);
        resubmit(a);
        assertThat(batcher.withdraw(b.seat())).isEmpty();
        assertThat(rows(take())).isEqualTo("a0");
    }

    @Test
    void doesNotWaitWhenTheRunIsFullAlready() {
        batcher = new Batcher(new CapPolicy.Fixed(2));
        Work a = submit("a", graph, 1);
        submit("b", graph, 1);
        submit("c", graph, 1);
        compute(take(), 100 * MILLI);
        resubmit(a);
        assertThat(rows(take())).isEqualTo("c0 a0");
    }

    @Test
    void withdrawnRowsAreInNoLaterRun() {
        batcher = new Batcher(new CapPolicy.Fixed(2));
        Work a = submit("a", graph, 3);
        Work b = submit("b", graph, 3);
        Batch running = take();
        assertThat(batcher.withdraw(a.seat())).containsExactly(a);
        a.end(new Ending.Stopped());
        assertThat(batcher.abandoned()).isTrue();
        assertThat(batcher.computed(running, MILLI, now)).isEmpty();
        assertThat(drain(MILLI)).isEqualTo("b0 b1 | b2");
        assertThat(b.ended()).isTrue();
        assertThat(batcher.rowsWaiting()).isZero();
    }

    @Test
    void aRunIsNotAbandonedWhileSomebodyWantsARowOfIt() {
        Work a = submit("a", graph, 1);
        submit("b", graph, 1);
        take();
        batcher.withdraw(a.seat()).forEach(work -> work.end(new Ending.Stopped()));
        assertThat(batcher.abandoned()).isFalse();
    }

    @Test
    void rowsOfATerminatedRunComeFirst() {
        batcher = new Batcher(new CapPolicy.Fixed(2));
        submit("a", graph, 2);
        submit("b", graph, 2);
        Work stopped = work(new Seat(new JobId("s")), graph.evaluation(0, 1));
        Batch running = take();
        batcher.terminated(running, MILLI);
        batcher.submit(stopped);
        assertThat(drain(MILLI)).isEqualTo("a0 a1 | b0 b1 | s0");
    }

    @Test
    void halvesARunThatDoesNotFitAndKeepsToWhatFitted() {
        submit("a", graph, 2);
        submit("b", graph, 3);
        assertThat(batcher.outOfMemory(take(), MILLI)).isEmpty();
        submit("c", graph, 3);
        Batch first = take();
        assertThat(first.why()).isEqualTo(RunRecord.Why.RETRY);
        assertThat(rows(first)).isEqualTo("a0 a1");
        compute(first, MILLI);
        assertThat(drain(MILLI)).isEqualTo("b0 b1 b2 | c0 c1 | c2");
    }

    @Test
    void aSingleRowThatDoesNotFitEndsItsEvaluationOnly() {
        Work a = submit("a", graph, 2);
        submit("b", graph, 1);
        assertThat(batcher.outOfMemory(take(), MILLI)).isEmpty();
        Batch first = take();
        assertThat(rows(first)).isEqualTo("a0");
        assertThat(batcher.outOfMemory(first, MILLI)).containsExactly(a);
        a.end(new Ending.Stopped());
        assertThat(drain(MILLI)).isEqualTo("b0");
    }

    @Test
    void findsTheEvaluationThatARunFailsFor() {
        List<Work> works = new ArrayList<>();
        for (String job : List.of("a", "b", "c", "d", "e")) {
            works.add(submit(job, graph, 1));
        }
        Work poison = works.get(2);
        List<String> runs = new ArrayList<>();
        while (batcher.next(now) instanceof Batcher.Next.Run(Batch batch)) {
            runs.add(rows(batch));
            if (batch.slices().stream().anyMatch(slice -> slice.work() == poison)) {
                batcher.failed(batch, MILLI).forEach(work -> work.end(new Ending.Stopped()));
            } else {
                compute(batch, MILLI);
            }
        }
        assertThat(runs).containsExactly("a0 b0 c0 d0 e0", "a0 b0", "c0 d0 e0", "c0", "d0 e0");
        assertThat(works).allMatch(Work::ended);
    }

    @Test
    void withdrawsRowsThatWaitForARetry() {
        submit("a", graph, 2);
        Work b = submit("b", graph, 2);
        batcher.outOfMemory(take(), MILLI);
        batcher.withdraw(b.seat()).forEach(work -> work.end(new Ending.Stopped()));
        assertThat(drain(MILLI)).isEqualTo("a0 a1");
    }

    @Test
    void remembersWhatFittedUntilTheGraphIsForgotten() {
        shrinkTheCapToFour();
        submit("b", graph, 8);
        assertThat(drain(MILLI)).isEqualTo("b0 b1 b2 b3 | b4 b5 b6 b7");
        batcher.forget(graph);
        submit("c", graph, 8);
        assertThat(drain(MILLI)).isEqualTo("c0 c1 c2 c3 c4 c5 c6 c7");
    }

    @Test
    void forgetsTheProfileThatWasNotUsedForLongest() {
        shrinkTheCapToFour();
        for (int other = 0; other < 256; other++) {
            submit("x", TinyGraph.vector("other"), 1);
            drain(MILLI);
        }
        submit("b", graph, 8);
        assertThat(drain(MILLI)).isEqualTo("b0 b1 b2 b3 b4 b5 b6 b7");
    }

    private void shrinkTheCapToFour() {
        submit("a", graph, 8);
        batcher.outOfMemory(take(), MILLI);
        assertThat(drain(MILLI)).isEqualTo("a0 a1 a2 a3 | a4 a5 a6 a7");
    }

    @Test
    void sharesTheTimeOfARunByRows() {
        Work a = submit("a", graph, 3);
        Work b = submit("b", graph, 1);
        compute(take(), 8 * MILLI);
        assertThat(a.seat().deviceNanos()).isEqualTo(6 * MILLI);
        assertThat(b.seat().deviceNanos()).isEqualTo(2 * MILLI);
    }

    private Work submit(String job, TinyGraph on, int rows) {
        Work work = work(new Seat(new JobId(job)), on.evaluation(0, new float[rows]));
        batcher.submit(work);
        return work;
    }

    private void resubmit(Work work) {
        batcher.submit(work(work.seat(), work.evaluation()));
    }

    private static Work work(Seat seat, Evaluation evaluation) {
        return new Work(seat, evaluation, BatchKey.of(evaluation));
    }

    private static BatchKey key(
            TinyGraph on, Tensor sample, Tensor time, Map<String, Tensor> shared) {
        return BatchKey.of(
                new Evaluation(on, 1, Map.of("sample", sample, "timestep", time), shared));
    }

    private Batch take() {
        Batcher.Next next = batcher.next(now);
        assertThat(next).isInstanceOf(Batcher.Next.Run.class);
        return ((Batcher.Next.Run) next).batch();
    }

    private void compute(Batch batch, long nanos) {
        now += nanos;
        batcher.computed(batch, nanos, now).forEach(work -> work.end(new Ending.Delivered()));
    }

    /// The runs until nothing waits, each of which takes `nanos`.
    private String drain(long nanos) {
        List<String> runs = new ArrayList<>();
        boolean more = true;
        while (more) {
            switch (batcher.next(now)) {
                case Batcher.Next.Run(Batch batch) -> {
                    runs.add(rows(batch));
                    compute(batch, nanos);
                }
                case Batcher.Next.Wait(long until) -> now = until;
                case Batcher.Next.Idle _ -> more = false;
            }
        }
        return String.join(" | ", runs);
    }

    private static String rows(Batch batch) {
        List<String> rows = new ArrayList<>();
        for (Slice slice : batch.slices()) {
            for (int row = slice.from(); row < slice.to(); row++) {
                rows.add(slice.work().seat().job().value() + row);
            }
        }
        return String.join(" ", rows);
    }
}
