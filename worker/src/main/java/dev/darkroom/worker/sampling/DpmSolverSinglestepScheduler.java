package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// The singlestep solvers of orders 1 to 3 of Lu et al. 2022 ("DPM-Solver", "DPM-Solver++"): calls
/// come in groups as large as the order, each of which begins anew where its first call did, with
/// one order more than the call before.
///
/// Reference: `schedulers/scheduling_dpmsolver_singlestep.py`.
final class DpmSolverSinglestepScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "DPMSolverSinglestepScheduler";

    private static final String THRESHOLDING = "thresholding";

    private final Denoising denoising;
    private final DpmAlgorithm algorithm;
    private final DpmAlgorithm.Solver solver;
    private final int order;
    private final boolean lowerOrderFinal;
    private final boolean endsAtZero;
    private final SolverLevels trained;
    private final SolverFlow flow;

    DpmSolverSinglestepScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        NoiseSchedule schedule =
                NoiseSchedule.of(fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        algorithm = DpmAlgorithm.of(fields, "dpmsolver++", "dpmsolver", "sde-dpmsolver++", "deis");
        solver = DpmAlgorithm.Solver.of(fields);
        order = fields.integer("solver_order", 2, 1);
        if (order > 3) {
            throw fields.refusal("solver_order", "1 to 3");
        }
        lowerOrderFinal = fields.offUnlessGiven("lower_order_final");
        endsAtZero = fields.choice("final_sigmas_type", "zero", "sigma_min").equals("zero");
        algorithm.checkEnd(fields, endsAtZero);
        if (fields.offUnlessGiven(THRESHOLDING) && !algorithm.extrapolatesOriginal()) {
            throw fields.refusal(THRESHOLDING, "false with this algorithm_type");
        }
        trained = SolverLevels.linear(fields, schedule);
        flow = new SolverFlow(fields, trained.kind(), schedule.timesteps());
        denoising =
                new Denoising(
                        flow.scale(),
                        Denoising.prediction(fields, flow.scale(), algorithm),
                        SampleBounds.threshold(fields));
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        Levels levels = flow.used() ? flow.at(steps, options) : trained.at(steps);
        float[] sigmas = levels.until(endsAtZero ? 0 : trained.least());
        Timeline timeline = new Timeline(CLASS_NAME, levels.timesteps, steps, 1, options);
        return new Run(timeline, sigmas, orders(steps), sample);
    }

    /// The order of every call: `1 … order` again and again, the end cut down so that the calls do
    /// not run out within a group (Lu et al. 2022, DPM-Solver, section 3.4), and 1 at the last
    /// where no noise is left.
    ///
    /// Source: `get_order_list` of the reference, after what its `set_timesteps` changes.
    private int[] orders(int steps) {
        int[] orders = new int[steps];
        for (int call = 0; call < steps; call++) {
            orders[call] = call % order + 1;
        }
        if (endsAtZero || (lowerOrderFinal && steps % order == 0)) {
            orders[steps - 1] = 1;
        }
        return orders;
    }

    /// One trajectory.
    private final class Run extends SolverRun {
        private final int[] orders;
        private final FloatTensor noise;
        private final float[] scratch;

        // What is remembered between calls: the outputs, and the sample where the group began.
        private final History history;
        private final FloatTensor start;

        Run(Timeline timeline, float[] sigmas, int[] orders, Shape sample) {
            super(timeline, sigmas, denoising.scale());
            this.orders = orders;
            noise = FloatTensor.allocate(sample);
            scratch = denoising.bounds().scratch(sample.elements());
            history = new History(order, sample);
            Levels.requireApart(CLASS_NAME, sigmas, order);
            start = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            FloatTensor output = history.add();
            denoising.original(modelOutput, sample, sigmas[call], scratch, output);
            if (!algorithm.extrapolatesOriginal()) {
                denoising.toNoise(output, sample, sigmas[call]);
            }
            if (algorithm.addsNoise()) {
                generator.normal(noise);
            }
            // A run that leaves steps out may begin within a group.
            int stepOrder = Math.min(orders[call], history.size());
            if (stepOrder == 1) {
                start.copyFrom(sample);
            }
            DpmStep step =
                    DpmStep.between(
                            sigmas[call - stepOrder + 1], sigmas[call + 1], algorithm, scale);
            switch (stepOrder) {
                case 1 -> first(step, sample);
                case 2 -> second(step, call, sample);
                default -> third(step, call, sample);
            }
            if (algorithm.addsNoise()) {
                step.addNoise(noise, sample);
            }
        }

        private void first(DpmStep step, FloatTensor sample) {
            FloatTensor newest = history.last(0);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                sample.set(i, step.ofSample() * start.get(i) + step.ofOutput() * newest.get(i));
            }
        }

        private void second(DpmStep step, int call, FloatTensor sample) {
            FloatTensor newest = history.last(0);
            FloatTensor oldest = history.last(1);
            float r = (scale.lambda(sigmas[call]) - scale.lambda(sigmas[call - 1])) / step.length();
            float ofFirst = step.ofFirst(solver);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float difference = (newest.get(i) - oldest.get(i)) / r;
                sample.set(
                        i,
                        step.ofSample() * start.get(i)
                                + step.ofOutput() * oldest.get(i)
                                + ofFirst * difference);
            }
        }

        private void third(DpmStep step, int call, FloatTensor sample) {
            FloatTensor newest = history.last(0);
            FloatTensor older = history.last(1);
            FloatTensor oldest = history.last(2);
            float begin = scale.lambda(sigmas[call - 2]);
            float r0 = (scale.lambda(sigmas[call]) - begin) / step.length();
            float r1 = (scale.lambda(sigmas[call - 1]) - begin) / step.length();
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float near = (older.get(i) - oldest.get(i)) / r1;
                float far = (newest.get(i) - oldest.get(i)) / r0;
                float extrapolated =
                        switch (solver) {
                            case MIDPOINT -> step.ofFirst() * far;
                            case HEUN ->
                                    step.ofFirst() * ((r0 * near - r1 * far) / (r0 - r1))
                                            + step.ofSecond() * (2 * (far - near) / (r0 - r1));
                        };
                sample.set(
                        i,
                        step.ofSample() * start.get(i)
                                + step.ofOutput() * oldest.get(i)
                                + extrapolated);
            }
        }
    }
}
