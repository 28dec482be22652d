package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Ancestral sampling: Ho et al. 2020 ("Denoising Diffusion Probabilistic Models"), algorithm 2,
/// with skipped timesteps. Every step but the one at timestep 0 adds fresh noise.
///
/// Reference: `schedulers/scheduling_ddpm.py`. Its variance `fixed_large_log` is refused: it takes
/// the root of a negative number there.
final class DdpmScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "DDPMScheduler";

    private enum Variance {
        FIXED_SMALL,
        FIXED_SMALL_LOG,
        FIXED_LARGE,
        LEARNED,
        LEARNED_RANGE
    }

    private final NoiseSchedule schedule;
    private final Prediction prediction;
    private final SampleBounds bounds;
    private final Variance variance;
    private final TimestepSpacing spacing;
    private final int offset;

    DdpmScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        schedule =
                NoiseSchedule.rescalable(
                        fields,
                        "linear",
                        "scaled_linear",
                        "squaredcos_cap_v2",
                        "laplace",
                        "sigmoid");
        prediction = Prediction.of(fields);
        bounds = SampleBounds.clippingOrThreshold(fields);
        variance = variance(fields);
        spacing = TimestepSpacing.of(fields, TimestepSpacing.LEADING);
        offset = fields.integer("steps_offset", 0, 0);
        fields.refuseUnknown();
    }

    private static Variance variance(Fields fields) {
        String name =
                // Other classes write null, which the reference computes with as with
                // "fixed_small".
                fields.choiceOrNull(
                        "variance_type",
                        "fixed_small",
                        "fixed_small_log",
                        "fixed_large",
                        "learned",
                        "learned_range");
        return switch (name) {
            case "fixed_small" -> Variance.FIXED_SMALL;
            case "fixed_small_log" -> Variance.FIXED_SMALL_LOG;
            case "fixed_large" -> Variance.FIXED_LARGE;
            case "learned" -> Variance.LEARNED;
            case "learned_range" -> Variance.LEARNED_RANGE;
            default -> throw new IllegalStateException("no variance type " + name);
        };
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        int[] whole = spacing.whole(CLASS_NAME, steps, schedule.timesteps(), offset);
        return new Run(whole, Timeline.of(CLASS_NAME, whole, steps, options), sample);
    }

    /// One trajectory. It remembers nothing between calls: its tensors are scratch.
    private final class Run extends DiscreteRun {
        private final FloatTensor original;
        private final FloatTensor noise;
        private final float[] scratch;

        Run(int[] timesteps, Timeline timeline, Shape sample) {
            super(DdpmScheduler.this.schedule, timesteps, timeline);
            original = FloatTensor.allocate(sample);
            noise = FloatTensor.allocate(sample);
            scratch = bounds.scratch(sample.elements());
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator generator) {
            int size = sample.shape().elements();
            requireOutput(modelOutput, size);
            float alphaBar = schedule.alphaBar(timesteps[call]);
            float alphaBarPrevious =
                    call + 1 < timesteps.length ? schedule.alphaBar(timesteps[call + 1]) : 1;
            float betaBar = 1 - alphaBar;
            float betaBarPrevious = 1 - alphaBarPrevious;
            float alpha = alphaBar / alphaBarPrevious;
            float beta = 1 - alpha;

            prediction.original(
                    modelOutput,
                    sample,
                    (float) Math.sqrt(alphaBar),
                    (float) Math.sqrt(betaBar),
                    original);
            bounds.apply(original, scratch);

            // Ho et al. 2020, equation 7.
            float ofOriginal = (float) Math.sqrt(alphaBarPrevious) * beta / betaBar;
            float ofSample = (float) Math.sqrt(alpha) * betaBarPrevious / betaBar;
            for (int i = 0; i < size; i++) {
                sample.set(i, ofOriginal * original.get(i) + ofSample * sample.get(i));
            }
            if (timesteps[call] > 0) {
                generator.normal(noise);
                float small = Math.max(betaBarPrevious / betaBar * beta, 1e-20f);
                addVariance(modelOutput, sample, small, beta);
            }
        }

        /// Adds the noise drawn, as strong as the variance says: between `small` and `large`, the
        /// two bounds of Ho et al. 2020, section 3.2, or as learned (Nichol and Dhariwal 2021,
        /// equation 15).
        private void addVariance(
                FloatTensor modelOutput, FloatTensor sample, float small, float large) {
            int size = sample.shape().elements();
            float logSmall = (float) Math.log(small);
            float logLarge = (float) Math.log(large);
            for (int i = 0; i < size; i++) {
                float deviation =
                        switch (variance) {
                            case FIXED_SMALL -> (float) Math.sqrt(small);
                            case FIXED_SMALL_LOG -> (float) Math.exp(0.5f * logSmall);
                            case FIXED_LARGE -> (float) Math.sqrt(large);
                            case LEARNED -> (float) Math.sqrt(modelOutput.get(size + i));
                            case LEARNED_RANGE -> {
                                float share = (modelOutput.get(size + i) + 1) / 2;
                                float log = share * logLarge + (1 - share) * logSmall;
                                yield (float) Math.exp(0.5f * log);
                            }
                        };
                sample.set(i, sample.get(i) + deviation * noise.get(i));
            }
        }

        private void requireOutput(FloatTensor modelOutput, int size) {
            int expected =
                    switch (variance) {
                        case FIXED_SMALL, FIXED_SMALL_LOG, FIXED_LARGE -> size;
                        case LEARNED, LEARNED_RANGE -> 2 * size;
                    };
            if (modelOutput.shape().elements() != expected) {
                throw new IllegalArgumentException(
                        "variance_type "
                                + variance
                                + " needs a model output of "
                                + expected
                                + " elements, got "
                                + modelOutput);
            }
        }
    }
}
