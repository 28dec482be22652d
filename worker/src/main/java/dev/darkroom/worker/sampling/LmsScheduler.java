package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// A linear multistep method of up to four steps on the probability-flow equation: the polynomial
/// through the last derivatives, integrated to the next noise level (Adams and Bashforth, with
/// uneven steps), as k-diffusion's `sample_lms` has it.
///
/// Reference: `schedulers/scheduling_lms_discrete.py`.
final class LmsScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "LMSDiscreteScheduler";

    private static final int ORDER = 4;

    /// Gauss and Legendre's quadrature with two points is exact for the polynomials here, which
    /// have degree 3 at most: the points lie this share of half the interval from its middle.
    private static final double POINT = Math.sqrt(1 / 3d);

    private final TrainedLevels trained;
    private final Prediction prediction;

    LmsScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        NoiseSchedule schedule =
                NoiseSchedule.of(fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        trained = new TrainedLevels(fields, schedule, SigmaSpacing.withoutKarrasBounds(fields));
        prediction = Prediction.of(fields);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        Levels levels = trained.at(steps);
        Timeline timeline = new Timeline(CLASS_NAME, levels.timesteps, steps, 1, options);
        return new Run(timeline, levels.until(0), sample);
    }

    /// One trajectory.
    private final class Run extends SigmaRun {
        private final FloatTensor original;

        // What is remembered between calls: the last derivatives.
        private final History history;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, trained.spacing());
            original = FloatTensor.allocate(sample);
            history = new History(ORDER, sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            float sigma = sigmas[call];
            prediction.originalAt(sigma, modelOutput, sample, original);
            FloatTensor derivative = history.add();
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                derivative.set(i, (sample.get(i) - original.get(i)) / sigma);
            }
            // A run that leaves steps out has fewer derivatives than the polynomial has points; the
            // reference then drops the terms that it lacks.
            int order = Math.min(call + 1, ORDER);
            for (int age = 0; age < history.size(); age++) {
                float coefficient = (float) coefficient(order, call, age);
                FloatTensor remembered = history.last(age);
                for (int i = 0; i < size; i++) {
                    sample.set(i, sample.get(i) + coefficient * remembered.get(i));
                }
            }
        }

        /// The integral, over this step, of the polynomial that is 1 at the level of the derivative
        /// of this age and 0 at those of the others.
        private double coefficient(int order, int call, int age) {
            double half = (sigmas[call + 1] - (double) sigmas[call]) / 2;
            double middle = sigmas[call] + half;
            return half
                    * (lagrange(order, call, age, middle - POINT * half)
                            + lagrange(order, call, age, middle + POINT * half));
        }

        private double lagrange(int order, int call, int age, double sigma) {
            double product = 1;
            for (int k = 0; k < order; k++) {
                if (k != age) {
                    product *=
                            (sigma - sigmas[call - k])
                                    / ((double) sigmas[call - age] - sigmas[call - k]);
                }
            }
            return product;
        }
    }
}
