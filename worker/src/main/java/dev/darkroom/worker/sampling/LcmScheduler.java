package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Multistep consistency sampling: Luo et al. 2023 ("Latent Consistency Models"), algorithm 3. Each
/// step predicts the clean sample and, but for the last, noises it anew.
///
/// Reference: `schedulers/scheduling_lcm.py`.
final class LcmScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "LCMScheduler";

    /// The deviation of the data in the boundary condition: Song et al. 2023 ("Consistency
    /// Models"), appendix C.
    private static final float SIGMA_DATA = 0.5f;

    private final NoiseSchedule schedule;
    private final Prediction prediction;
    private final SampleBounds bounds;
    private final ConsistencyTimesteps distilled;
    private final float timestepScaling;

    LcmScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        schedule =
                NoiseSchedule.latentRescalable(
                        fields, "scaled_linear", "linear", "squaredcos_cap_v2");
        prediction = Prediction.of(fields);
        bounds = SampleBounds.thresholdOrClipping(fields);
        distilled = new ConsistencyTimesteps(fields, schedule.timesteps());
        timestepScaling = (float) fields.number("timestep_scaling", 10);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNoEta(CLASS_NAME);
        int[] timesteps = distilled.at(steps, options);
        return new Run(timesteps, Timeline.of(CLASS_NAME, timesteps, steps, options), sample);
    }

    /// One trajectory. It remembers nothing between calls: its tensors are scratch.
    private final class Run extends DiscreteRun {
        private final FloatTensor original;
        private final FloatTensor noise;
        private final float[] scratch;

        Run(int[] timesteps, Timeline timeline, Shape sample) {
            super(LcmScheduler.this.schedule, timesteps, timeline);
            original = FloatTensor.allocate(sample);
            noise = FloatTensor.allocate(sample);
            scratch = bounds.scratch(sample.elements());
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            float alphaBar = schedule.alphaBar(timesteps[call]);
            float alpha = (float) Math.sqrt(alphaBar);
            float sigma = (float) Math.sqrt(1 - alphaBar);
            prediction.original(modelOutput, sample, alpha, sigma, original);
            bounds.apply(original, scratch);

            // Luo et al. 2023, equation 9: at timestep 0 the sample itself.
            float scaled = timesteps[call] * timestepScaling;
            float variance = scaled * scaled + SIGMA_DATA * SIGMA_DATA;
            float ofSample = SIGMA_DATA * SIGMA_DATA / variance;
            float ofOriginal = scaled / (float) Math.sqrt(variance);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                sample.set(i, ofOriginal * original.get(i) + ofSample * sample.get(i));
            }
            if (call + 1 < timesteps.length) {
                float alphaBarNext = schedule.alphaBar(timesteps[call + 1]);
                float alphaNext = (float) Math.sqrt(alphaBarNext);
                float sigmaNext = (float) Math.sqrt(1 - alphaBarNext);
                generator.normal(noise);
                for (int i = 0; i < size; i++) {
                    sample.set(i, alphaNext * sample.get(i) + sigmaNext * noise.get(i));
                }
            }
        }
    }
}
