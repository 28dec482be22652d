package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Exponential-integrator multistep sampling of orders 1 to 3: Zhang and Chen 2022 ("Fast Sampling
/// of Diffusion Models with Exponential Integrator"), the variant with polynomials in `log ρ`, with
/// `ρ` the noise level.
///
/// Reference: `schedulers/scheduling_deis_multistep.py`. Where levels are spaced otherwise than at
/// timesteps it ends at the level of the last step, which then changes nothing.
final class DeisScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "DEISMultistepScheduler";

    private final Denoising denoising;
    private final int order;
    private final boolean lowerOrderFinal;
    private final SolverLevels trained;
    private final SolverFlow flow;

    DeisScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        NoiseSchedule schedule =
                NoiseSchedule.of(fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        // The others are other classes' algorithms and solvers, which the reference reads as its
        // own.
        fields.choice("algorithm_type", "deis", "dpmsolver", "dpmsolver++");
        fields.choice("solver_type", "logrho", "midpoint", "heun", "bh1", "bh2");
        order = fields.integer("solver_order", 2, 1);
        if (order > 3) {
            throw fields.refusal("solver_order", "1 to 3");
        }
        lowerOrderFinal = fields.onUnlessGiven("lower_order_final");
        trained = SolverLevels.of(fields, schedule);
        flow = new SolverFlow(fields, trained.kind(), schedule.timesteps());
        denoising =
                new Denoising(
                        flow.scale(),
                        Denoising.prediction(fields, flow.scale(), DpmAlgorithm.ORIGINAL),
                        SampleBounds.threshold(fields));
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        Levels levels = flow.used() ? flow.at(steps, options) : trained.at(steps);
        boolean endsAtLeast = !flow.used() && trained.kind() == SigmaSpacing.Kind.TIMESTEPS;
        double last = endsAtLeast ? trained.least() : levels.sigmas[levels.steps() - 1];
        Timeline timeline = new Timeline(CLASS_NAME, levels.timesteps, levels.steps(), 1, options);
        return new Run(timeline, levels.until(last), sample);
    }

    /// One trajectory.
    private final class Run extends SolverRun {
        private final float[] scratch;

        // What is remembered between calls.
        private final History history;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, denoising.scale());
            scratch = denoising.bounds().scratch(sample.elements());
            history = new History(order, sample);
            Levels.requireApart(CLASS_NAME, sigmas, order);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            FloatTensor output = history.add();
            denoising.original(modelOutput, sample, sigmas[call], scratch, output);
            denoising.toNoise(output, sample, sigmas[call]);
            switch (orderOf(call)) {
                case 1 -> first(call, sample);
                case 2 -> second(call, sample);
                default -> third(call, sample);
            }
            history.countStep();
        }

        private int orderOf(int call) {
            boolean few = lowerOrderFinal && calls() < DpmMultistep.FEW_CALLS;
            int possible = Math.min(order, history.steps() + 1);
            return few ? Math.min(possible, calls() - call) : possible;
        }

        private void first(int call, FloatTensor sample) {
            DpmStep step =
                    DpmStep.between(sigmas[call], sigmas[call + 1], DpmAlgorithm.EPSILON, scale);
            FloatTensor newest = history.last(0);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                sample.set(i, step.ofSample() * sample.get(i) + step.ofOutput() * newest.get(i));
            }
        }

        private void second(int call, FloatTensor sample) {
            FloatTensor newest = history.last(0);
            FloatTensor older = history.last(1);
            float to = rho(call + 1);
            float from = rho(call);
            float before = rho(call - 1);
            float ofNewest = integral(to, from, before) - integral(from, from, before);
            float ofOlder = integral(to, before, from) - integral(from, before, from);
            float alpha = scale.alpha(sigmas[call + 1]);
            float alphaBefore = scale.alpha(sigmas[call]);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float sum =
                        sample.get(i) / alphaBefore
                                + ofNewest * newest.get(i)
                                + ofOlder * older.get(i);
                sample.set(i, alpha * sum);
            }
        }

        private void third(int call, FloatTensor sample) {
            FloatTensor newest = history.last(0);
            FloatTensor older = history.last(1);
            FloatTensor oldest = history.last(2);
            float to = rho(call + 1);
            float from = rho(call);
            float before = rho(call - 1);
            float first = rho(call - 2);
            float ofNewest =
                    integral(to, from, before, first) - integral(from, from, before, first);
            float ofOlder = integral(to, before, first, from) - integral(from, before, first, from);
            float ofOldest =
                    integral(to, first, from, before) - integral(from, first, from, before);
            float alpha = scale.alpha(sigmas[call + 1]);
            float alphaBefore = scale.alpha(sigmas[call]);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float sum =
                        sample.get(i) / alphaBefore
                                + ofNewest * newest.get(i)
                                + ofOlder * older.get(i)
                                + ofOldest * oldest.get(i);
                sample.set(i, alpha * sum);
            }
        }

        private float rho(int call) {
            return scale.noise(sigmas[call]) / scale.alpha(sigmas[call]);
        }

        /// The integral, up to `t`, of the line in `log ρ` that is 1 at `b` and 0 at `c`.
        private static float integral(float t, float b, float c) {
            float logT = (float) Math.log(t);
            float logB = (float) Math.log(b);
            float logC = (float) Math.log(c);
            return t * (-logC + logT - 1) / (logB - logC);
        }

        /// The integral, up to `t`, of the parabola in `log ρ` that is 1 at `b` and 0 at `c` and
        /// `d`.
        private static float integral(float t, float b, float c, float d) {
            float logT = (float) Math.log(t);
            float logB = (float) Math.log(b);
            float logC = (float) Math.log(c);
            float logD = (float) Math.log(d);
            float numerator =
                    t
                            * (logC * (logD - logT + 1)
                                    - logD * logT
                                    + logD
                                    + logT * logT
                                    - 2 * logT
                                    + 2);
            return numerator / ((logB - logC) * (logB - logD));
        }
    }
}
