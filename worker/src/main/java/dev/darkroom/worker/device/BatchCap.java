package dev.darkroom.worker.device;

import java.util.Arrays;
import java.util.BitSet;

/// What is known of one graph at one shape: how long runs of how many rows take, and so how many
/// rows a run should hold.
///
/// A pure class, confined to whoever holds the lane's lock.
///
/// Sizes are measured in levels of doubling width: level 0 is 1 row, level `i` is more than
/// `2^(i−1)` and up to `2^i` rows. The cap is the upper end of the level with the least median time
/// per row, so that no batch is slower per row than a smaller one that was measured, a single row
/// included. The next level is tried as soon as rows are left over; afterwards, neighbouring levels
/// and the single row are tried anew at growing intervals, since the first measurements may have
/// been taken under another load.
final class BatchCap {
    /// Samples kept per level; their median counts, so that a rare hiccup does not.
    private static final int WINDOW = 7;

    /// Samples of a level before it is compared.
    private static final int ENOUGH = 3;

    /// Runs between two trials, at first and at most.
    private static final int LEAST_PAUSE = 64;

    private static final int GREATEST_PAUSE = 4096;

    /// Good runs before a ceiling that memory set is lifted by one doubling.
    private static final int LEAST_PENANCE = 1024;

    private final CapPolicy policy;
    private final int greatest;
    private final long[][] samples;
    private final int[] counts;
    private final BitSet met = new BitSet();

    private int ceiling;
    private int penance = LEAST_PENANCE;
    private int runsUnderCeiling;
    private int best;
    private int trial = -1;
    private int pause = LEAST_PAUSE;
    private int runsUntilTrial = LEAST_PAUSE;
    private int turn;
    private long lastPerRow;

    /// Nothing is known yet.
    BatchCap(CapPolicy policy) {
        this.policy = policy;
        this.greatest =
                switch (policy) {
                    case CapPolicy.Fixed fixed -> fixed.rows();
                    case CapPolicy.Learnt learnt -> learnt.greatest();
                };
        this.ceiling = greatest;
        int levels = level(greatest) + 1;
        this.samples = new long[levels][WINDOW];
        this.counts = new int[levels];
    }

    /// The most rows that the next run should hold.
    int rows() {
        int rows =
                switch (policy) {
                    case CapPolicy.Fixed fixed -> fixed.rows();
                    case CapPolicy.Learnt _ -> width(trial >= 0 ? trial : best);
                };
        return Math.min(rows, ceiling);
    }

    /// Whether the next run, if it is full, is an experiment.
    boolean trying() {
        return trial >= 0;
    }

    /// Whether memory, not speed, sets the present cap.
    boolean heldByMemory() {
        return ceiling < greatest && rows() == ceiling;
    }

    /// The expected time of a run of `rows` rows, 0 when nothing is known.
    long estimateNanos(int rows) {
        int level = Math.min(level(rows), counts.length - 1);
        for (int below = level; below >= 0; below--) {
            if (counts[below] > 0) {
                return median(below) * rows;
            }
        }
        return lastPerRow * rows;
    }

    /// Notes a run that went well.
    ///
    /// @param full whether more rows waited than the cap let in
    void ran(int rows, long nanos, boolean full) {
        lastPerRow = Math.max(1, nanos / rows);
        liftCeiling();
        if (!met.get(rows)) {
            // The first run of a size pays for memory and for the choice of kernels.
            met.set(rows);
            return;
        }
        int level = Math.min(level(rows), counts.length - 1);
        samples[level][counts[level] % WINDOW] = lastPerRow;
        counts[level]++;
        if (policy instanceof CapPolicy.Learnt) {
            learn(level, full);
        }
    }

    /// Notes that `rows` rows did not fit: from now on at most half as many.
    void outOfMemory(int rows) {
        ceiling = Math.max(1, Math.min(ceiling, rows / 2));
        penance = Math.min(penance * 2, 1 << 20);
        runsUnderCeiling = 0;
        trial = -1;
        best = Math.min(best, level(ceiling));
    }

    private void liftCeiling() {
        if (ceiling < greatest && ++runsUnderCeiling >= penance) {
            ceiling = Math.min(greatest, ceiling * 2);
            runsUnderCeiling = 0;
        }
    }

    private void learn(int level, boolean full) {
        if (level == trial && counts[trial] % ENOUGH == 0) {
            trial = -1;
        }
        int before = best;
        best = fastest();
        if (best != before) {
            pause = LEAST_PAUSE;
            runsUntilTrial = pause;
        }
        runsUntilTrial--;
        if (trial >= 0 || !full || counts[best] < ENOUGH) {
            return;
        }
        if (open(best + 1) && counts[best + 1] < ENOUGH) {
            begin(best + 1);
        } else if (runsUntilTrial <= 0) {
            int[] candidates = {best + 1, 0, best - 1, best + 2};
            int candidate = candidates[turn++ % candidates.length];
            if (open(candidate) && candidate != best) {
                begin(candidate);
            }
            pause = Math.min(pause * 2, GREATEST_PAUSE);
            runsUntilTrial = pause;
        }
    }

    /// Tries a level, forgetting what was measured of it under another load.
    private void begin(int level) {
        trial = level;
        counts[level] = 0;
    }

    private boolean open(int level) {
        return level >= 0 && level < counts.length && (level == 0 || width(level - 1) < ceiling);
    }

    private int fastest() {
        int fastest = 0;
        for (int level = 1; level < counts.length; level++) {
            if (open(level)
                    && counts[level] >= ENOUGH
                    && (counts[fastest] < ENOUGH || median(level) < median(fastest))) {
                fastest = level;
            }
        }
        return fastest;
    }

    private long median(int level) {
        long[] kept = Arrays.copyOf(samples[level], Math.min(WINDOW, counts[level]));
        Arrays.sort(kept);
        return kept[kept.length / 2];
    }

    private int width(int level) {
        return Math.min(1 << level, greatest);
    }

    private static int level(int rows) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(rows - 1);
    }
}
