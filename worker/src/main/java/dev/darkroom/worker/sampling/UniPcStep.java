package dev.darkroom.worker.sampling;

/// The weights of one step of UniPC, in either direction. Immutable.
///
/// Source: Zhao et al. 2023, equations 5 to 8; `multistep_uni_p_bh_update` and
/// `multistep_uni_c_bh_update` of `schedulers/scheduling_unipc_multistep.py`.
final class UniPcStep {
    /// Where the older outputs lie, in steps from the newest, and 1 for where the step ends.
    private final float[] ratios;

    /// `h`, with the sign of what is extrapolated.
    private final float exponent;

    /// `B(h)`.
    private final float basis;

    private final float ofSample;
    private final float weight;

    /// A step of as many orders as there are `ratios`.
    ///
    /// @param weight of everything that is extrapolated
    UniPcStep(float[] ratios, float exponent, float basis, float ofSample, float weight) {
        this.ratios = ratios;
        this.exponent = exponent;
        this.basis = basis;
        this.ofSample = ofSample;
        this.weight = weight;
    }

    /// The order.
    int order() {
        return ratios.length;
    }

    /// Where the output of this age lies.
    float ratio(int age) {
        return ratios[age - 1];
    }

    /// The weight of the sample.
    float ofSample() {
        return ofSample;
    }

    /// The weight of the newest output.
    float ofOutput() {
        return weight * (float) Math.expm1(exponent);
    }

    /// The factor of all differences' weights.
    float ofDifferences() {
        return weight * basis;
    }

    /// The weights of the older outputs' differences, when the model has not seen the step's end.
    float[] predictorWeights() {
        return switch (order()) {
            case 1 -> new float[0];
            case 2 -> new float[] {0.5f};
            default -> solved(order() - 1);
        };
    }

    /// The weights of the older outputs' differences, and at the end that of the output at the
    /// step's end.
    float[] correctorWeights() {
        return order() == 1 ? new float[] {0.5f} : solved(order());
    }

    /// The solution of the first `size` of the conditions on the weights.
    private float[] solved(int size) {
        double[][] rows = new double[size][size + 1];
        double phi = (float) Math.expm1(exponent) / exponent - 1;
        double factorial = 1;
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                rows[row][column] = Math.pow(ratios[column], row);
            }
            rows[row][size] = phi * factorial / basis;
            factorial *= row + 2;
            phi = phi / exponent - 1 / factorial;
        }
        eliminate(rows);
        float[] solution = new float[size];
        for (int row = 0; row < size; row++) {
            solution[row] = (float) (rows[row][size] / rows[row][row]);
        }
        return solution;
    }

    /// Gauss and Jordan's elimination, with the greatest pivot of each column.
    private static void eliminate(double[][] rows) {
        int size = rows.length;
        for (int column = 0; column < size; column++) {
            int pivot = column;
            for (int row = column + 1; row < size; row++) {
                if (Math.abs(rows[row][column]) > Math.abs(rows[pivot][column])) {
                    pivot = row;
                }
            }
            double[] swapped = rows[column];
            rows[column] = rows[pivot];
            rows[pivot] = swapped;
            for (int row = 0; row < size; row++) {
                if (row != column) {
                    double factor = rows[row][column] / rows[column][column];
                    for (int k = column; k <= size; k++) {
                        rows[row][k] -= factor * rows[column][k];
                    }
                }
            }
        }
    }
}
