package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Euler's method that steps below the next noise level and adds fresh noise up to it, with the
/// split of Song et al. 2020 (equation 16, η = 1), as k-diffusion's `sample_euler_ancestral` has
/// it.
///
/// Reference: `schedulers/scheduling_euler_ancestral_discrete.py`.
final class EulerAncestralScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "EulerAncestralDiscreteScheduler";

    private final NoiseSchedule schedule;
    private final float[] table;
    private final Prediction prediction;
    private final TimestepSpacing spacing;
    private final int offset;

    EulerAncestralScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        schedule =
                NoiseSchedule.rescalableWithFiniteSigma(
                        fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        table = schedule.sigmas();
        prediction = Prediction.ofNoiseOrVelocity(fields);
        spacing = TimestepSpacing.of(fields, TimestepSpacing.LINSPACE);
        offset = fields.integer("steps_offset", 0, 0);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNoEta(CLASS_NAME);
        float[] real = spacing.real(CLASS_NAME, steps, schedule.timesteps(), offset);
        double[] timesteps = new double[steps];
        float[] sigmas = new float[steps + 1];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = real[i];
            sigmas[i] = (float) SigmaSpacing.interpolate(table, real[i]);
        }
        return new Run(sigmas, timesteps, sample);
    }

    /// One trajectory. It remembers nothing between calls: its tensor is scratch.
    private final class Run extends SigmaRun {
        private final FloatTensor noise;

        Run(float[] sigmas, double[] timesteps, Shape sample) {
            super(sigmas, timesteps, spacing);
            noise = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            float from = sigmas[call];
            float to = sigmas[call + 1];
            float up = (float) Math.sqrt(to * to * (from * from - to * to) / (from * from));
            float down = (float) Math.sqrt(to * to - up * up);
            float change = down - from;
            float ofOutput = -from / (float) Math.sqrt(from * from + 1);
            float ofSample = from * from + 1;
            generator.normal(noise);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float x = sample.get(i);
                float output = modelOutput.get(i);
                float original =
                        prediction == Prediction.VELOCITY
                                ? output * ofOutput + x / ofSample
                                : x - from * output;
                sample.set(i, x + (x - original) / from * change + noise.get(i) * up);
            }
        }
    }
}
