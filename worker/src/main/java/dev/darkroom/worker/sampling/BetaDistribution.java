package dev.darkroom.worker.sampling;

/// The symmetric beta distribution.
final class BetaDistribution {
    private BetaDistribution() {}

    /// The value below which the share `probability` (0 to 1) of a Beta(`shape`, `shape`) lies.
    ///
    /// Found by halving the interval until it holds no other number, so the result is as exact as
    /// the distribution function. `shape` is below 1.
    static double quantile(double probability, double shape) {
        if (probability <= 0 || probability >= 1) {
            return probability <= 0 ? 0 : 1;
        }
        if (probability > 0.5) {
            return 1 - quantile(1 - probability, shape);
        }
        double total = 2 * halfMass(0.5, shape);
        double low = 0;
        double high = 0.5;
        double middle = 0.25;
        while (low < middle && middle < high) {
            if (halfMass(middle, shape) < probability * total) {
                low = middle;
            } else {
                high = middle;
            }
            middle = (low + high) / 2;
        }
        return middle;
    }

    /// The integral of `(u (1 − u))^(shape − 1)` from 0 to `x`, at most ½: the power series of the
    /// second factor, integrated term by term (NIST Digital Library of Mathematical Functions,
    /// 8.17.7).
    private static double halfMass(double x, double shape) {
        double coefficient = 1;
        double power = Math.pow(x, shape);
        double sum = 0;
        for (int n = 0; ; n++) {
            double term = coefficient * power / (shape + n);
            sum += term;
            if (term < 1e-17 * sum) {
                return sum;
            }
            coefficient *= (n + 1 - shape) / (n + 1);
            power *= x;
        }
    }
}
