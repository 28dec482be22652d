package dev.darkroom.worker.device;

import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/// What is known of one graph at one shape: how long runs of how many rows take, and so how many
/// rows a run should hold.
///
/// A pure class, guarded by the lane's lock.
///
/// Sizes come in levels of doubling width: level 0 is 1 row, level `i` is more than `2^(i−1)` and
/// up to `2^i` rows. The cap is the upper end of the best level. Another level takes its place only
/// by winning a trial, in which runs of the two take turns, so that whatever else slows the device
/// meanwhile slows both, and which lasts longer the less the two differ beside how much each
/// wavers. The first trials climb, as long as more rows wait than the cap lets in and each wins.
/// After a loss trials pause, longer and longer, and then go round the neighbours and the single
/// row: what was best may not stay so, and a batch must never be slower per row than no batch. A
/// larger size needs rows that wait for its trial, a smaller one only the rows that there are.
final class BatchCap {
    /// Runs of each side in a trial, at least and at most; the slowest of each does not count.
    private static final int LEAST_TURNS = 5;

    private static final int GREATEST_TURNS = 32;

    /// A trial is decided when the sides differ by this many standard errors of the difference.
    private static final double CLEAR = 3;

    /// Runs after which a trial that rows were too few for is given up.
    private static final int GREATEST_TRIAL = 4 * GREATEST_TURNS;

    /// Runs between two trials, at first and at most.
    private static final int LEAST_PAUSE = 64;

    private static final int GREATEST_PAUSE = 2048;

    /// Good runs before a ceiling that memory set is lifted by one doubling; doubled by each lack.
    private static final int LEAST_PENANCE = 1024;

    private static final int GREATEST_PENANCE = 1 << 20;

    private final CapPolicy policy;
    private final int greatest;
    private final long[] perRow;
    private final BitSet met = new BitSet();

    /// Levels whose time per row comes from a first run, which pays for more than its rows.
    private final BitSet provisional = new BitSet();

    private int ceiling;
    private int penance = LEAST_PENANCE;
    private int runsUnderCeiling;

    private int best;
    private @Nullable Trial trial;
    private int pause = LEAST_PAUSE;
    private int runsUntilTrial;
    private int round;

    /// Nothing is known yet.
    BatchCap(CapPolicy policy) {
        this.policy = policy;
        this.greatest =
                switch (policy) {
                    case CapPolicy.Fixed fixed -> fixed.rows();
                    case CapPolicy.Learnt learnt -> learnt.greatest();
                };
        this.ceiling = greatest;
        this.perRow = new long[level(greatest) + 1];
    }

    /// The most rows that the next run should hold.
    int rows() {
        int rows =
                switch (policy) {
                    case CapPolicy.Fixed fixed -> fixed.rows();
                    case CapPolicy.Learnt _ -> width(trial == null ? best : trial.turn());
                };
        return Math.min(rows, ceiling);
    }

    /// Whether the next run, if it is full, is an experiment.
    boolean trying() {
        return trial != null && trial.turn() != best;
    }

    /// Whether memory, not speed, sets the present cap.
    boolean heldByMemory() {
        return ceiling < greatest && rows() == ceiling;
    }

    /// The expected time of a run of `rows` rows, 0 when nothing is known.
    long estimateNanos(int rows) {
        int level = levelOf(rows);
        for (int below = level; below >= 0; below--) {
            if (perRow[below] > 0) {
                return perRow[below] * rows;
            }
        }
        for (int above = level + 1; above < perRow.length; above++) {
            if (perRow[above] > 0) {
                return perRow[above] * rows;
            }
        }
        return 0;
    }

    /// Notes a run that went well.
    ///
    /// @param full whether more rows waited than the cap let in
    void ran(int rows, long nanos, boolean full) {
        int level = levelOf(rows);
        long each = Math.max(1, nanos / rows);
        boolean first = !met.get(rows);
        met.set(rows);
        estimate(level, each, first);
        liftCeiling();
        // The first run of a size pays for memory and for the choice of kernels.
        if (!first && policy instanceof CapPolicy.Learnt) {
            learn(rows, nanos, full);
        }
    }

    /// A first run's time stands only until there is a better one: it would make the queue dear,
    /// and so starve it, for many runs more.
    private void estimate(int level, long each, boolean first) {
        if (perRow[level] == 0) {
            perRow[level] = each;
            provisional.set(level, first);
        } else if (!first) {
            perRow[level] = provisional.get(level) ? each : (3 * perRow[level] + each) / 4;
            provisional.clear(level);
        }
    }

    /// Notes that `rows` rows did not fit: from now on at most half as many.
    void outOfMemory(int rows) {
        ceiling = Math.max(1, Math.min(ceiling, rows / 2));
        penance = Math.min(penance * 2, GREATEST_PENANCE);
        runsUnderCeiling = 0;
        trial = null;
        best = Math.min(best, level(ceiling));
    }

    private void liftCeiling() {
        if (ceiling < greatest && ++runsUnderCeiling >= penance) {
            ceiling = Math.min(greatest, ceiling * 2);
            runsUnderCeiling = 0;
        }
    }

    private void learn(int rows, long nanos, boolean full) {
        Trial current = trial;
        if (current == null) {
            runsUntilTrial--;
            if (runsUntilTrial <= 0) {
                int[] levels = {best + 1, 0, best - 1, best + 2};
                int candidate = levels[round++ % levels.length];
                if (open(candidate) && (candidate > best ? full : rows > width(candidate))) {
                    trial = new Trial(candidate, best);
                }
            }
            return;
        }
        switch (current.add(levelOf(rows), rows, nanos)) {
            case OPEN -> {}
            case WON -> {
                best = current.candidate;
                pause = LEAST_PAUSE;
                runsUntilTrial = 0;
                round = 0;
                trial = null;
            }
            case LOST -> {
                runsUntilTrial = pause;
                pause = Math.min(pause * 2, GREATEST_PAUSE);
                trial = null;
            }
        }
    }

    private boolean open(int level) {
        return level != best
                && level >= 0
                && level < perRow.length
                && (level == 0 || width(level - 1) < ceiling);
    }

    private int width(int level) {
        return Math.min(1 << level, greatest);
    }

    private int levelOf(int rows) {
        return Math.min(level(rows), perRow.length - 1);
    }

    private static int level(int rows) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(rows - 1);
    }

    private enum Verdict {
        OPEN,
        WON,
        LOST
    }

    /// Two levels whose runs take turns.
    private static final class Trial {
        final int candidate;
        final int champion;
        private final Side forCandidate = new Side();
        private final Side forChampion = new Side();
        private int runs;

        Trial(int candidate, int champion) {
            this.candidate = candidate;
            this.champion = champion;
        }

        /// The level whose run is next.
        int turn() {
            return forCandidate.runs <= forChampion.runs ? candidate : champion;
        }

        Verdict add(int level, int rows, long nanos) {
            runs++;
            if (level == candidate) {
                forCandidate.add((double) nanos / rows);
            } else if (level == champion) {
                forChampion.add((double) nanos / rows);
            }
            int turns = Math.min(forCandidate.runs, forChampion.runs);
            double gain = forChampion.mean() - forCandidate.mean();
            double error = Math.sqrt(forCandidate.varianceOfMean() + forChampion.varianceOfMean());
            boolean clear = turns >= LEAST_TURNS && Math.abs(gain) >= CLEAR * error;
            if (clear || turns >= GREATEST_TURNS) {
                return gain > 0 ? Verdict.WON : Verdict.LOST;
            }
            return runs < GREATEST_TRIAL ? Verdict.OPEN : Verdict.LOST;
        }
    }

    /// The runs of one level in a trial: nanoseconds per row.
    private static final class Side {
        private int runs;
        private double sum;
        private double sumOfSquares;
        private double slowest;

        void add(double each) {
            runs++;
            sum += each;
            sumOfSquares += each * each;
            slowest = Math.max(slowest, each);
        }

        /// Of all runs but the slowest.
        double mean() {
            return runs < 2 ? sum : (sum - slowest) / (runs - 1);
        }

        /// The square of the mean's standard error.
        double varianceOfMean() {
            int counted = runs - 1;
            if (counted < 2) {
                return 0;
            }
            double squares = sumOfSquares - slowest * slowest;
            double variance = Math.max(0, squares - counted * mean() * mean()) / (counted - 1);
            return variance / counted;
        }
    }
}
