package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Brownian motion over an interval of time, the same for the same seed wherever it is asked for:
/// the interval is halved again and again, and each left half's share of the whole's increment is
/// drawn from a generator whose seed says where it lies (a Brownian bridge).
///
/// Source: torchsde's `_brownian/brownian_interval.py` with `halfway_tree=True`, `tol=1e-6` and
/// `pool_size=24`, as `BrownianTreeNoiseSampler` of `schedulers/scheduling_dpmsolver_sde.py` uses
/// it. The reference keeps the tree; here the halves on the way to both ends are drawn each time.
///
/// Owned by one thread. Allocates when it is made, and never after.
final class BrownianPath {
    /// Times are rounded to this part of one.
    private static final double PARTS = 1e6;

    private final double begin;
    private final double end;
    private final float deviation;

    // Scratch, used anew at every call: where the way down the halves stands, the increment there,
    // that of its left half, and one kept for later.
    private final SeedSequence seeds = new SeedSequence();
    private final NoiseGenerator generator = NoiseGenerator.ofSeed(0);
    private final FloatTensor here;
    private final FloatTensor leftHalf;
    private final FloatTensor kept;
    private double left;
    private double right;
    private long key;
    private int depth;

    /// A motion over the times `begin` to `end`, of this shape.
    BrownianPath(float begin, float end, Shape shape) {
        this.begin = rounded(begin);
        this.end = rounded(end);
        this.deviation = (float) Math.sqrt((double) end - begin);
        this.here = FloatTensor.allocate(shape);
        this.leftHalf = FloatTensor.allocate(shape);
        this.kept = FloatTensor.allocate(shape);
    }

    /// Writes how far the motion of this seed goes between the times `from` and `to` into `into`.
    /// What lies outside of the interval is left out.
    void increment(long seed, float from, float to, FloatTensor into) {
        double first = rounded(Math.clamp(from, begin, end));
        double last = rounded(Math.clamp(to, begin, end));
        zero(into);
        if (first >= last) {
            return;
        }
        enterWhole(seed);
        while (left != first || right != last) {
            double middle = middle();
            halve(seed, middle);
            if (first >= middle) {
                goRight(middle);
            } else if (last <= middle) {
                goLeft(middle);
            } else {
                bothHalves(seed, first, last, into);
                return;
            }
        }
        add(here, into);
    }

    /// Adds what lies after `first` in the left half and before `last` in the right.
    private void bothHalves(long seed, double first, double last, FloatTensor into) {
        double middle = middle();
        double outerRight = right;
        long outerKey = key;
        int outerDepth = depth;
        kept.copyFrom(here);
        subtract(leftHalf, kept);
        goLeft(middle);
        while (left != first) {
            double inner = middle();
            halve(seed, inner);
            if (first >= inner) {
                goRight(inner);
            } else {
                add(here, into);
                subtract(leftHalf, into);
                goLeft(inner);
            }
        }
        add(here, into);

        here.copyFrom(kept);
        left = middle;
        right = outerRight;
        key = 2 * outerKey + 1;
        depth = outerDepth + 1;
        while (right != last) {
            double inner = middle();
            halve(seed, inner);
            if (last <= inner) {
                goLeft(inner);
            } else {
                add(leftHalf, into);
                goRight(inner);
            }
        }
        add(here, into);
    }

    private void enterWhole(long seed) {
        left = begin;
        right = end;
        key = 0;
        depth = 0;
        generator.reseed(seeds.word(seed));
        generator.normal(here);
        int size = here.shape().elements();
        for (int i = 0; i < size; i++) {
            here.set(i, here.get(i) * deviation);
        }
    }

    private double middle() {
        return rounded(0.5 * (right + left));
    }

    /// Draws the increment of the left half: the mean is its share of the whole's, and the variance
    /// that of a bridge.
    private void halve(long seed, double middle) {
        double reciprocal = 1 / (right - left);
        float ofWhole = (float) (middle - left);
        float spread = (float) Math.sqrt((middle - left) * (right - middle) * reciprocal);
        generator.reseed(seeds.word(seed, key, depth));
        generator.normal(leftHalf);
        int size = here.shape().elements();
        for (int i = 0; i < size; i++) {
            float mean = ofWhole * here.get(i) * (float) reciprocal;
            leftHalf.set(i, mean + spread * leftHalf.get(i));
        }
    }

    private void goLeft(double middle) {
        here.copyFrom(leftHalf);
        right = middle;
        key = 2 * key;
        depth++;
    }

    private void goRight(double middle) {
        subtract(leftHalf, here);
        left = middle;
        key = 2 * key + 1;
        depth++;
    }

    private static void zero(FloatTensor tensor) {
        int size = tensor.shape().elements();
        for (int i = 0; i < size; i++) {
            tensor.set(i, 0);
        }
    }

    private static void add(FloatTensor term, FloatTensor into) {
        int size = into.shape().elements();
        for (int i = 0; i < size; i++) {
            into.set(i, into.get(i) + term.get(i));
        }
    }

    private static void subtract(FloatTensor term, FloatTensor from) {
        int size = from.shape().elements();
        for (int i = 0; i < size; i++) {
            from.set(i, from.get(i) - term.get(i));
        }
    }

    /// `time` to six decimals, to even where it lies exactly between two: Python's `round`.
    ///
    /// The product is exact with its error, so a tie of the decimals is told from what only rounds
    /// to one.
    private static double rounded(double time) {
        double product = time * PARTS;
        double error = Math.fma(time, PARTS, -product);
        double below = Math.floor(product);
        double half = product - below - 0.5;
        double whole;
        if (half == 0 && error != 0) {
            whole = error > 0 ? below + 1 : below;
        } else {
            whole = Math.rint(product);
        }
        return whole / PARTS;
    }
}
