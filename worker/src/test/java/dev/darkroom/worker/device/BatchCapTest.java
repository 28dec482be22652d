package dev.darkroom.worker.device;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Caps learnt from devices whose speed is a formula.
final class BatchCapTest {
    /// A device whose run takes `fixed + each·rows`, and beyond `knee` rows `penalty·rows` more.
    @ParameterizedTest(name = "{0} + {1} a row, {3} more a row beyond {2}: cap {4}")
    @CsvSource({
        "100, 10, 99, 0, 64",
        "0, 10, 1, 5, 1",
        "2, 10, 4, 20, 4",
        "50, 10, 16, 30, 16",
        "1, 100, 2, 1, 2",
    })
    void findsTheSizeWithTheMostRowsPerSecond(
            double fixed, double each, int knee, double penalty, int expected) {
        BatchCap cap = new BatchCap(new CapPolicy.Learnt(64));
        IntToDoubleFunction micros =
                rows -> fixed + each * rows + (rows > knee ? penalty * rows : 0);
        run(cap, 400, micros);
        int settled = mostUsed(cap, 400, micros);
        assertThat(settled).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, 10, 1, 5", "0, 10, 4, 20", "50, 10, 16, 30", "100, 10, 99, 0"})
    void trialsCostLittleOnceSettled(double fixed, double each, int knee, double penalty) {
        BatchCap cap = new BatchCap(new CapPolicy.Learnt(64));
        IntToDoubleFunction micros =
                rows -> fixed + each * rows + (rows > knee ? penalty * rows : 0);
        run(cap, 2000, micros);
        double rows = 0;
        double time = 0;
        for (int run = 0; run < 2000; run++) {
            int size = cap.rows();
            rows += size;
            time += micros.applyAsDouble(size);
            cap.ran(size, nanos(micros, size), true);
        }
        assertThat(rows / time).isGreaterThan(0.98 / micros.applyAsDouble(1));
        int settled = mostUsed(cap, 100, micros);
        assertThat(rows / time).isGreaterThan(0.97 * settled / micros.applyAsDouble(settled));
    }

    @Test
    void growsOnlyWhenMoreRowsWait() {
        BatchCap cap = new BatchCap(new CapPolicy.Learnt(64));
        for (int run = 0; run < 500; run++) {
            cap.ran(1, 1000, false);
        }
        assertThat(cap.rows()).isEqualTo(1);
    }

    @Test
    void expectsOfLaterRunsWhatTheSecondTookNotTheFirst() {
        BatchCap cap = new BatchCap(new CapPolicy.Fixed(4));
        cap.ran(4, 10_000_000, false);
        assertThat(cap.estimateNanos(4)).isEqualTo(10_000_000);
        cap.ran(4, 4000, false);
        assertThat(cap.estimateNanos(4)).isEqualTo(4000);
        cap.ran(3, 10_000_000, false);
        assertThat(cap.estimateNanos(4)).isEqualTo(4000);
        cap.ran(3, 6000, false);
        assertThat(cap.estimateNanos(4)).isEqualTo(5000);
    }

    @Test
    void aSlowFirstRunOfASizeDoesNotCount() {
        BatchCap cap = new BatchCap(new CapPolicy.Learnt(32));
        BitSet met = new BitSet();
        for (int run = 0; run < 70; run++) {
            int rows = cap.rows();
            cap.ran(rows, met.get(rows) ? 1000 + 100L * rows : 1_000_000_000, true);
            met.set(rows);
        }
        assertThat(mostUsed(cap, 60, rows -> 1 + 0.1 * rows)).isEqualTo(32);
    }

    @Test
    void aLoadThatComesAndGoesSlowsBothSidesOfATrial() {
        BatchCap cap = new BatchCap(new CapPolicy.Learnt(64));
        AtomicInteger runs = new AtomicInteger();
        IntToDoubleFunction micros =
                rows -> (100 + 10 * rows) * (runs.incrementAndGet() / 37 % 2 == 0 ? 1 : 4);
        run(cap, 1000, micros);
        assertThat(mostUsed(cap, 1000, micros)).isEqualTo(64);
    }

    @Test
    void changesItsMindWhenTheDeviceDoes() {
        BatchCap cap = new BatchCap(new CapPolicy.Learnt(32));
        run(cap, 500, rows -> 100 + 10 * rows);
        assertThat(mostUsed(cap, 100, rows -> 100 + 10 * rows)).isEqualTo(32);
        IntToDoubleFunction later = rows -> 10 * rows + (rows > 4 ? 40 * rows : 0);
        run(cap, 500, later);
        assertThat(mostUsed(cap, 100, later)).isLessThanOrEqualTo(4);
        run(cap, 6000, rows -> 100 + 10 * rows);
        assertThat(mostUsed(cap, 100, rows -> 100 + 10 * rows)).isEqualTo(32);
    }

    @Test
    void neverExceedsTheGreatest() {
        BatchCap cap = new BatchCap(new CapPolicy.Learnt(12));
        int most = 0;
        for (int run = 0; run < 500; run++) {
            most = Math.max(most, cap.rows());
            cap.ran(cap.rows(), nanos(rows -> 100 + rows, cap.rows()), true);
        }
        assertThat(most).isEqualTo(12);
    }

    @Test
    void memoryLowersTheCapAndMuchLaterLetsItTryAgain() {
        BatchCap cap = new BatchCap(new CapPolicy.Fixed(16));
        cap.outOfMemory(16);
        assertThat(cap.rows()).isEqualTo(8);
        assertThat(cap.heldByMemory()).isTrue();
        cap.outOfMemory(8);
        assertThat(cap.rows()).isEqualTo(4);
        run(cap, 1000, rows -> rows);
        assertThat(cap.rows()).isEqualTo(4);
        run(cap, 20_000, rows -> rows);
        assertThat(cap.rows()).isEqualTo(16);
        assertThat(cap.heldByMemory()).isFalse();
    }

    @Test
    void learningStaysBelowWhatMemoryAllows() {
        BatchCap cap = new BatchCap(new CapPolicy.Learnt(64));
        int most = 0;
        for (int run = 0; run < 900; run++) {
            int rows = cap.rows();
            if (rows > 11) {
                cap.outOfMemory(rows);
            } else {
                cap.ran(rows, nanos(size -> 100 + size, rows), true);
                most = Math.max(most, rows);
            }
        }
        assertThat(most).isEqualTo(8);
        assertThat(cap.rows()).isEqualTo(8);
    }

    @Test
    void estimatesFromTheNearestSizeItKnows() {
        BatchCap cap = new BatchCap(new CapPolicy.Fixed(64));
        assertThat(cap.estimateNanos(4)).isZero();
        cap.ran(4, 4000, true);
        assertThat(cap.estimateNanos(8)).isEqualTo(8000);
        assertThat(cap.estimateNanos(1)).isEqualTo(1000);
        cap.ran(4, 4000, true);
        cap.ran(4, 8000, true);
        assertThat(cap.estimateNanos(4)).isEqualTo(5000);
        cap.ran(1, 3000, true);
        assertThat(cap.estimateNanos(2)).isEqualTo(6000);
        assertThat(cap.estimateNanos(16)).isEqualTo(20_000);
    }

    private static void run(BatchCap cap, int runs, IntToDoubleFunction micros) {
        for (int run = 0; run < runs; run++) {
            int rows = cap.rows();
            cap.ran(rows, nanos(micros, rows), true);
        }
    }

    private static int mostUsed(BatchCap cap, int runs, IntToDoubleFunction micros) {
        int[] used = new int[65];
        for (int run = 0; run < runs; run++) {
            int rows = cap.rows();
            used[rows]++;
            cap.ran(rows, nanos(micros, rows), true);
        }
        int most = 0;
        for (int rows = 1; rows < used.length; rows++) {
            if (used[rows] > used[most]) {
                most = rows;
            }
        }
        return most;
    }

    private static long nanos(IntToDoubleFunction micros, int rows) {
        return Math.round(micros.applyAsDouble(rows) * 1000);
    }
}
