package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Euler's method on the probability-flow equation: Karras et al. 2022 ("Elucidating the Design
/// Space of Diffusion-Based Generative Models"), algorithm 2 without churn and second order.
///
/// Reference: `schedulers/scheduling_euler_discrete.py`.
final class EulerScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "EulerDiscreteScheduler";

    private enum Interpolation {
        LINEAR,
        LOG_LINEAR
    }

    private final TrainedLevels trained;
    private final Prediction prediction;
    private final Interpolation interpolation;
    private final boolean timestepsAreLogarithms;
    private final float finalSigma;

    EulerScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        NoiseSchedule schedule =
                NoiseSchedule.rescalableWithFiniteSigma(
                        fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        trained = new TrainedLevels(fields, schedule, SigmaSpacing.of(fields));
        prediction = Prediction.of(fields);
        interpolation =
                fields.choice("interpolation_type", "linear", "log_linear").equals("linear")
                        ? Interpolation.LINEAR
                        : Interpolation.LOG_LINEAR;
        timestepsAreLogarithms =
                fields.choice("timestep_type", "discrete", "continuous").equals("continuous")
                        && prediction == Prediction.VELOCITY;
        finalSigma =
                fields.choice("final_sigmas_type", "zero", "sigma_min").equals("zero")
                        ? 0
                        : trained.least();
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        Levels levels =
                switch (interpolation) {
                    case LINEAR -> trained.at(steps);
                    case LOG_LINEAR -> trained.moved(logLinear(steps), trained.spaced(steps));
                };
        float[] sigmas = levels.until(finalSigma);
        double[] timesteps = levels.timesteps;
        if (timestepsAreLogarithms) {
            for (int i = 0; i < steps; i++) {
                timesteps[i] = 0.25f * (float) Math.log(sigmas[i]);
            }
        }
        Timeline timeline = new Timeline(CLASS_NAME, timesteps, steps, 1, options);
        return new Run(timeline, sigmas, sample);
    }

    /// One level more than there are steps, so that the run ends at the smallest.
    private double[] logLinear(int steps) {
        float[] logarithms =
                NoiseSchedule.linspace(trained.logGreatest(), trained.logLeast(), steps + 1);
        double[] levels = new double[logarithms.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (float) Math.exp(logarithms[i]);
        }
        return levels;
    }

    /// One trajectory. It remembers nothing between calls: its tensor is scratch.
    private final class Run extends SigmaRun {
        private final FloatTensor original;

        Run(Timeline timeline, float[] sigmas, Shape sample) {
            super(timeline, sigmas, trained.spacing());
            original = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            float sigma = sigmas[call];
            float change = sigmas[call + 1] - sigma;
            prediction.originalAt(sigma, modelOutput, sample, original);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float x = sample.get(i);
                sample.set(i, x + (x - original.get(i)) / sigma * change);
            }
        }
    }
}
