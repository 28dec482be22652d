package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Implicit sampling: Song et al. 2020 ("Denoising Diffusion Implicit Models"), equation 12.
/// Deterministic unless the job asks for noise with `eta`.
///
/// Reference: `schedulers/scheduling_ddim.py`.
final class DdimScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "DDIMScheduler";

    private final NoiseSchedule schedule;
    private final Prediction prediction;
    private final SampleBounds bounds;
    private final TimestepSpacing spacing;
    private final int offset;

    /// `ᾱ` after the last step.
    private final float finalAlphaBar;

    DdimScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        schedule = NoiseSchedule.rescalable(fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        prediction = Prediction.of(fields);
        bounds = SampleBounds.clippingOrThreshold(fields);
        spacing = TimestepSpacing.of(fields, TimestepSpacing.LEADING);
        offset = fields.integer("steps_offset", 0, 0);
        finalAlphaBar = fields.onUnlessGiven("set_alpha_to_one") ? 1 : schedule.alphaBar(0);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNoDistilledShare(CLASS_NAME);
        int[] whole = spacing.whole(CLASS_NAME, steps, schedule.timesteps(), offset);
        Timeline timeline = Timeline.of(CLASS_NAME, whole, steps, options);
        return new Run(whole, timeline, sample, (float) options.eta());
    }

    /// One trajectory. It remembers nothing between calls: its tensors are scratch.
    private final class Run extends DiscreteRun {
        private final float eta;
        private final FloatTensor original;
        private final FloatTensor noise;
        private final float[] scratch;

        Run(int[] timesteps, Timeline timeline, Shape sample, float eta) {
            super(DdimScheduler.this.schedule, timesteps, timeline);
            this.eta = eta;
            original = FloatTensor.allocate(sample);
            noise = FloatTensor.allocate(sample);
            scratch = bounds.scratch(sample.elements());
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            int previous = timesteps[call] - schedule.timesteps() / timesteps.length;
            float alphaBar = schedule.alphaBar(timesteps[call]);
            float alphaBarPrevious = previous >= 0 ? schedule.alphaBar(previous) : finalAlphaBar;
            float betaBar = 1 - alphaBar;
            float alpha = (float) Math.sqrt(alphaBar);
            float sigma = (float) Math.sqrt(betaBar);

            prediction.original(modelOutput, sample, alpha, sigma, original);
            bounds.apply(original, scratch);

            // Song et al. 2020, equation 16; then the three terms of equation 12.
            float variance = (1 - alphaBarPrevious) / betaBar * (1 - alphaBar / alphaBarPrevious);
            float deviation = eta * (float) Math.sqrt(variance);
            float alphaPrevious = (float) Math.sqrt(alphaBarPrevious);
            float direction = (float) Math.sqrt(1 - alphaBarPrevious - deviation * deviation);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float epsilon = prediction.noise(modelOutput.get(i), sample.get(i), alpha, sigma);
                sample.set(i, alphaPrevious * original.get(i) + direction * epsilon);
            }
            if (eta > 0) {
                generator.normal(noise);
                for (int i = 0; i < size; i++) {
                    sample.set(i, sample.get(i) + deviation * noise.get(i));
                }
            }
        }
    }
}
