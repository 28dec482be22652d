package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Euler's method with the noise levels and the model's wrapping of Karras et al. 2022.
///
/// Reference: `schedulers/scheduling_edm_euler.py`, without churn.
final class EdmEulerScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "EDMEulerScheduler";

    private final EdmTerms terms;
    private final boolean endsAtZero;

    EdmEulerScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        terms = EdmTerms.edm(fields);
        endsAtZero = fields.choice("final_sigmas_type", "zero", "sigma_min").equals("zero");
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        float[] sigmas = terms.sigmas(steps, 0);
        if (!endsAtZero) {
            sigmas[steps] = sigmas[steps - 1];
        }
        double[] timesteps = EdmDpmSolverScheduler.timesteps(sigmas);
        return new Run(new Timeline(CLASS_NAME, timesteps, steps, 1, options), sigmas, sample);
    }

    /// One trajectory. It remembers nothing between calls: its tensor is scratch.
    private final class Run extends EdmRun {
        private final FloatTensor original;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, terms);
            original = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            float sigma = sigmas[call];
            float change = sigmas[call + 1] - sigma;
            terms.original(modelOutput, sample, sigma, original);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float x = sample.get(i);
                sample.set(i, x + (x - original.get(i)) / sigma * change);
            }
        }
    }
}
