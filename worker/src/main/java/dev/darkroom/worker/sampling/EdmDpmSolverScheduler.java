package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// The multistep solvers of Lu et al. 2022 (DPM-Solver++) with the noise levels and the model's
/// wrapping of Karras et al. 2022.
///
/// Reference: `schedulers/scheduling_edm_dpmsolver_multistep.py`.
final class EdmDpmSolverScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "EDMDPMSolverMultistepScheduler";

    private final EdmTerms terms;
    private final DpmMultistep solver;
    private final SampleBounds bounds;

    EdmDpmSolverScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        terms = EdmTerms.edm(fields);
        DpmAlgorithm algorithm = DpmAlgorithm.of(fields, "dpmsolver++", "sde-dpmsolver++", "deis");
        solver = new DpmMultistep(fields, algorithm, algorithm.addsNoise() ? 2 : 3);
        bounds = SampleBounds.threshold(fields);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        float[] sigmas = terms.sigmas(steps, solver.endsAtZero() ? 0 : (float) terms.least());
        Timeline timeline = new Timeline(CLASS_NAME, timesteps(sigmas), steps, 1, options);
        return new Run(timeline, sigmas, sample);
    }

    /// The timesteps of all levels but the last: Karras et al. 2022, table 1 (`c_noise`).
    static double[] timesteps(float[] sigmas) {
        double[] timesteps = new double[sigmas.length - 1];
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] = 0.25f * (float) Math.log(sigmas[i]);
        }
        return timesteps;
    }

    /// One trajectory.
    private final class Run extends EdmRun {
        private final FloatTensor noise;
        private final float[] scratch;

        // What is remembered between calls.
        private final DpmMultistep.Course course;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, terms);
            noise = FloatTensor.allocate(sample);
            scratch = bounds.scratch(sample.elements());
            course = solver.new Course(LevelScale.VARIANCE_EXPLODING, sigmas, sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            FloatTensor output = course.add();
            terms.original(modelOutput, sample, sigmas[call], output);
            bounds.apply(output, scratch);
            if (solver.algorithm().addsNoise()) {
                generator.normal(noise);
            }
            course.advance(call, sample, noise);
        }
    }
}
