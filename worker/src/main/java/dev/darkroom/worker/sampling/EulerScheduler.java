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

    private final NoiseSchedule schedule;
    private final float[] table;
    private final float[] logTable;
    private final Prediction prediction;
    private final TimestepSpacing spacing;
    private final int offset;
    private final SigmaSpacing sigmaSpacing;
    private final Interpolation interpolation;
    private final boolean timestepsAreLogarithms;
    private final float finalSigma;

    EulerScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        schedule =
                NoiseSchedule.rescalableWithFiniteSigma(
                        fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        table = schedule.sigmas();
        logTable = SigmaSpacing.logarithms(table);
        prediction = Prediction.of(fields);
        spacing = TimestepSpacing.of(fields, TimestepSpacing.LINSPACE);
        offset = fields.integer("steps_offset", 0, 0);
        sigmaSpacing = SigmaSpacing.of(fields);
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
                        : table[0];
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNoEta(CLASS_NAME);
        float[] real = spacing.real(CLASS_NAME, steps, schedule.timesteps(), offset);
        double[] levels =
                switch (interpolation) {
                    case LINEAR -> atTimesteps(real);
                    case LOG_LINEAR -> logLinear(steps);
                };
        double[] timesteps = new double[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = real[i];
        }
        if (sigmaSpacing.kind() != SigmaSpacing.Kind.TIMESTEPS) {
            levels = sigmaSpacing.sigmas(levels[0], levels[levels.length - 1], steps);
            for (int i = 0; i < steps; i++) {
                timesteps[i] = (float) SigmaSpacing.timestepOf(levels[i], logTable);
            }
        }
        float[] sigmas = new float[levels.length + 1];
        for (int i = 0; i < levels.length; i++) {
            sigmas[i] = (float) levels[i];
        }
        sigmas[levels.length] = finalSigma;
        if (timestepsAreLogarithms) {
            for (int i = 0; i < steps; i++) {
                timesteps[i] = 0.25f * (float) Math.log(sigmas[i]);
            }
        }
        return new Run(sigmas, timesteps, spacing);
    }

    private double[] atTimesteps(float[] timesteps) {
        double[] levels = new double[timesteps.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = SigmaSpacing.interpolate(table, timesteps[i]);
        }
        return levels;
    }

    /// One level more than there are steps, so that the run ends at the smallest.
    private double[] logLinear(int steps) {
        float[] logarithms =
                NoiseSchedule.linspace(logTable[logTable.length - 1], logTable[0], steps + 1);
        double[] levels = new double[logarithms.length];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = (float) Math.exp(logarithms[i]);
        }
        return levels;
    }

    /// One trajectory. It remembers nothing between calls.
    private final class Run extends SigmaRun {
        Run(float[] sigmas, double[] timesteps, TimestepSpacing spacing) {
            super(sigmas, timesteps, spacing);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            float sigma = sigmas[call];
            float change = sigmas[call + 1] - sigma;
            float ofOutput = -sigma / (float) Math.sqrt(sigma * sigma + 1);
            float ofSample = sigma * sigma + 1;
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float x = sample.get(i);
                float output = modelOutput.get(i);
                float original =
                        switch (prediction) {
                            case EPSILON -> x - sigma * output;
                            case SAMPLE -> output;
                            case VELOCITY -> output * ofOutput + x / ofSample;
                        };
                sample.set(i, x + (x - original) / sigma * change);
            }
        }
    }
}
