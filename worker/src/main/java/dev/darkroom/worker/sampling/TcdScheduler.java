package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Strategic stochastic sampling: Zheng et al. 2024 ("Trajectory Consistency Distillation"),
/// algorithm 4. Each step follows the trajectory to below the next timestep, as far as `eta` (the
/// paper's γ) says, and, but for the last, adds noise up to it.
///
/// Reference: `schedulers/scheduling_tcd.py`, which neither clips nor thresholds.
final class TcdScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "TCDScheduler";

    private final NoiseSchedule schedule;
    private final Prediction prediction;
    private final ConsistencyTimesteps distilled;

    TcdScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        schedule =
                NoiseSchedule.latentRescalable(
                        fields, "scaled_linear", "linear", "squaredcos_cap_v2");
        prediction = Prediction.of(fields);
        distilled = new ConsistencyTimesteps(fields, schedule.timesteps());
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        int[] timesteps = distilled.at(steps, options);
        Timeline timeline = Timeline.of(CLASS_NAME, timesteps, steps, options);
        return new Run(timesteps, timeline, sample, options.eta());
    }

    /// One trajectory. It remembers nothing between calls: its tensors are scratch.
    private final class Run extends DiscreteRun {
        private final double eta;
        private final FloatTensor original;
        private final FloatTensor noise;

        Run(int[] timesteps, Timeline timeline, Shape sample, double eta) {
            super(TcdScheduler.this.schedule, timesteps, timeline);
            this.eta = eta;
            original = FloatTensor.allocate(sample);
            noise = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            boolean last = call + 1 == timesteps.length;
            int next = last ? 0 : timesteps[call + 1];
            int target = (int) Math.floor((float) (1 - eta) * next);
            float alphaBar = schedule.alphaBar(timesteps[call]);
            float alphaBarNext = schedule.alphaBar(next);
            float alphaBarTarget = schedule.alphaBar(target);
            float alpha = (float) Math.sqrt(alphaBar);
            float sigma = (float) Math.sqrt(1 - alphaBar);
            float alphaTarget = (float) Math.sqrt(alphaBarTarget);
            float sigmaTarget = (float) Math.sqrt(1 - alphaBarTarget);

            prediction.original(modelOutput, sample, alpha, sigma, original);
            int size = sample.shape().elements();
            for (int i = 0; i < size; i++) {
                float epsilon = prediction.noise(modelOutput.get(i), sample.get(i), alpha, sigma);
                sample.set(i, alphaTarget * original.get(i) + sigmaTarget * epsilon);
            }
            if (eta > 0 && !last) {
                float ratio = alphaBarNext / alphaBarTarget;
                float ofSample = (float) Math.sqrt(ratio);
                float ofNoise = (float) Math.sqrt(1 - ratio);
                generator.normal(noise);
                for (int i = 0; i < size; i++) {
                    sample.set(i, ofSample * sample.get(i) + ofNoise * noise.get(i));
                }
            }
        }
    }
}
