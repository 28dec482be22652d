package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// The stochastic multistep solver of Lu et al. 2022 (SDE-DPM-Solver++) as Stable Audio uses it:
/// timesteps are angles, and the noise is that of one Brownian path, so that it stays the same
/// however many steps there are.
///
/// Reference: `schedulers/scheduling_cosine_dpmsolver_multistep.py`. The path is as rough as noise
/// is: a level that the reference rounds to the next number of single precision (its `exp` does so
/// for about one in seventy) gives noise that differs by about 5e-4.
final class CosineDpmSolverScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "CosineDPMSolverMultistepScheduler";

    private final EdmTerms terms;
    private final DpmMultistep solver;

    CosineDpmSolverScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        terms = EdmTerms.cosine(fields);
        solver = new DpmMultistep(fields, DpmAlgorithm.STOCHASTIC_ORIGINAL, 2);
        // The last step then has no length, over which the reference's noise has no end.
        if (!solver.endsAtZero()) {
            throw fields.refusal("final_sigmas_type", "zero");
        }
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        float[] sigmas = terms.sigmas(steps, 0);
        double[] timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = (float) Math.atan(sigmas[i]) / (float) Math.PI * 2;
        }
        return new Run(new Timeline(CLASS_NAME, timesteps, steps, 1, options), sigmas, sample);
    }

    /// One trajectory.
    private final class Run extends EdmRun {
        private final FloatTensor noise;
        private final BrownianPath path;

        // What is remembered between calls.
        private final DpmMultistep.Course course;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, terms);
            noise = FloatTensor.allocate(sample);
            path = new BrownianPath((float) terms.least(), (float) terms.greatest(), sample);
            course = solver.new Course(LevelScale.VARIANCE_EXPLODING, sigmas, sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            terms.original(modelOutput, sample, sigmas[call], course.add());
            float from = sigmas[call];
            float to = sigmas[call + 1];
            // The path is that of the generator's seed, however far the generator is. It is walked
            // backwards, from the greater level to the smaller.
            path.increment(generator.seed(), to, from, noise);
            float deviation = (float) Math.sqrt(from - to);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                noise.set(i, deviation == 0 ? 0 : -noise.get(i) / deviation);
            }
            course.advance(call, sample, noise);
        }
    }
}
