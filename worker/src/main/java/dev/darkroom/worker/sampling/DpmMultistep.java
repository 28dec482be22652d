package dev.darkroom.worker.sampling;

import dev.darkroom.worker.sampling.DpmAlgorithm.Solver;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// The multistep solvers of orders 1 to 3 of Lu et al. 2022, whatever their noise levels are and
/// however the model's outputs are read. Immutable.
///
/// Source: `step` of `schedulers/scheduling_dpmsolver_multistep.py`.
final class DpmMultistep {
    /// Runs with fewer calls than this end with lower orders (`lower_order_final`).
    static final int FEW_CALLS = 15;

    private final String scheduler;
    private final DpmAlgorithm algorithm;
    private final Solver solver;
    private final int order;
    private final boolean lowerOrderFinal;
    private final boolean firstOrderAtEnd;
    private final boolean endsAtZero;

    /// What the fields of a class say that has such a solver of `algorithm`, of up to order
    /// `greatest`.
    DpmMultistep(Fields fields, DpmAlgorithm algorithm, int greatest) {
        this.scheduler = fields.scheduler();
        this.algorithm = algorithm;
        this.solver = Solver.of(fields);
        this.order = fields.integer("solver_order", 2, 1);
        if (order > greatest) {
            throw fields.refusal("solver_order", "1 to " + greatest);
        }
        this.endsAtZero = fields.choice("final_sigmas_type", "zero", "sigma_min").equals("zero");
        algorithm.checkEnd(fields, endsAtZero);
        this.lowerOrderFinal = fields.onUnlessGiven("lower_order_final");
        this.firstOrderAtEnd = fields.offUnlessGiven("euler_at_final") || endsAtZero;
    }

    /// The algorithm.
    DpmAlgorithm algorithm() {
        return algorithm;
    }

    /// Whether the last level is 0.
    boolean endsAtZero() {
        return endsAtZero;
    }

    /// What a run of this solver remembers between calls, and its arithmetic.
    final class Course {
        private final LevelScale scale;
        private final float[] sigmas;
        private final int calls;
        private final History history;

        /// The beginning of a run through these levels.
        Course(LevelScale scale, float[] sigmas, Shape sample) {
            this.scale = scale;
            this.sigmas = sigmas;
            this.calls = sigmas.length - 1;
            this.history = new History(order, sample);
            Levels.requireApart(scheduler, sigmas, order);
            boolean still = sigmas[calls - 1] == sigmas[calls];
            int lastOrder = orderOf(calls - 1, calls);
            if (still && (lastOrder > 2 || (lastOrder == 2 && solver == Solver.HEUN))) {
                throw new UnsupportedSchedulerException(
                        scheduler,
                        "final_sigmas_type",
                        "sigma_min where the last step begins at it, in order " + lastOrder,
                        "zero, or euler_at_final true");
            }
        }

        /// The tensor to write this call's output into, before [#advance].
        FloatTensor add() {
            return history.add();
        }

        /// Moves `sample` from the level of this call to that of the next.
        ///
        /// @param noise fresh, where the algorithm adds some
        void advance(int call, FloatTensor sample, FloatTensor noise) {
            DpmStep step = DpmStep.between(sigmas[call], sigmas[call + 1], algorithm, scale);
            switch (orderOf(call, history.steps())) {
                case 1 -> first(step, sample);
                case 2 -> second(step, call, sample);
                default -> third(step, call, sample);
            }
            if (algorithm.addsNoise()) {
                step.addNoise(noise, sample);
            }
            history.countStep();
        }

        private int orderOf(int call, int made) {
            boolean few = calls < FEW_CALLS && lowerOrderFinal;
            if (call == calls - 1 && (few || firstOrderAtEnd)) {
                return 1;
            }
            int possible = Math.min(order, made + 1);
            return few && call == calls - 2 ? Math.min(possible, 2) : possible;
        }

        private void first(DpmStep step, FloatTensor sample) {
            FloatTensor newest = history.last(0);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                sample.set(i, step.ofSample() * sample.get(i) + step.ofOutput() * newest.get(i));
            }
        }

        private void second(DpmStep step, int call, FloatTensor sample) {
            FloatTensor newest = history.last(0);
            FloatTensor older = history.last(1);
            float r = (scale.lambda(sigmas[call]) - scale.lambda(sigmas[call - 1])) / step.length();
            float ofFirst = step.ofFirst(solver);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float difference = (newest.get(i) - older.get(i)) / r;
                sample.set(
                        i,
                        step.ofSample() * sample.get(i)
                                + step.ofOutput() * newest.get(i)
                                + ofFirst * difference);
            }
        }

        private void third(DpmStep step, int call, FloatTensor sample) {
            FloatTensor newest = history.last(0);
            FloatTensor older = history.last(1);
            FloatTensor oldest = history.last(2);
            float lambdaOlder = scale.lambda(sigmas[call - 1]);
            float r0 = (scale.lambda(sigmas[call]) - lambdaOlder) / step.length();
            float r1 = (lambdaOlder - scale.lambda(sigmas[call - 2])) / step.length();
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float recent = (newest.get(i) - older.get(i)) / r0;
                float bend = recent - (older.get(i) - oldest.get(i)) / r1;
                float first = recent + r0 / (r0 + r1) * bend;
                sample.set(
                        i,
                        step.ofSample() * sample.get(i)
                                + step.ofOutput() * newest.get(i)
                                + step.ofFirst() * first
                                + step.ofSecond() * (bend / (r0 + r1)));
            }
        }
    }
}
