package dev.darkroom.worker.sampling;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;

/// Pseudo numerical methods: Liu et al. 2022 ("Pseudo Numerical Methods for Diffusion Models on
/// Manifolds"). Linear multistep calls, begun by three Runge-Kutta steps of four calls each
/// (`skip_prk_steps` false), or by one step of two calls (true), so that there are more calls than
/// steps.
///
/// Reference: `schedulers/scheduling_pndm.py`.
final class PndmScheduler implements Scheduler {
    /// The reference's name of this class.
    static final String CLASS_NAME = "PNDMScheduler";

    /// Steps that take part in the Runge-Kutta start, the first multistep one included.
    private static final int ORDER = 4;

    private static final int RUNGE_KUTTA_CALLS = 12;

    private final NoiseSchedule schedule;
    private final Prediction prediction;
    private final TimestepSpacing spacing;
    private final int offset;
    private final boolean skipRungeKutta;

    /// `ᾱ` after the last step.
    private final float finalAlphaBar;

    PndmScheduler(SchedulerConfig config) {
        Fields fields = new Fields(CLASS_NAME, config);
        schedule = NoiseSchedule.of(fields, "linear", "scaled_linear", "squaredcos_cap_v2");
        prediction = Prediction.among(fields, Prediction.EPSILON, Prediction.VELOCITY);
        spacing = TimestepSpacing.of(fields, TimestepSpacing.LEADING);
        offset = fields.integer("steps_offset", 0, 0);
        skipRungeKutta = fields.offUnlessGiven("skip_prk_steps");
        finalAlphaBar = fields.offUnlessGiven("set_alpha_to_one") ? 1 : schedule.alphaBar(0);
        fields.refuseUnknown();
    }

    @Override
    public SchedulerRun start(int steps, Shape sample, SamplingOptions options) {
        options.requireNeither(CLASS_NAME);
        int[] whole = spacing.whole(CLASS_NAME, steps, schedule.timesteps(), offset);
        int ratio = schedule.timesteps() / steps;
        int[] calls = skipRungeKutta ? multistep(whole) : rungeKutta(whole, ratio);
        return new Run(calls, Timeline.of(CLASS_NAME, calls, steps, options), ratio, sample);
    }

    /// The timesteps of the calls without a Runge-Kutta start: the second is called twice.
    private static int[] multistep(int[] whole) {
        if (whole.length == 1) {
            return whole;
        }
        int[] calls = new int[whole.length + 1];
        calls[0] = whole[0];
        System.arraycopy(whole, 1, calls, 1, 1);
        System.arraycopy(whole, 1, calls, 2, whole.length - 1);
        return calls;
    }

    /// The timesteps of the calls with a Runge-Kutta start: each of its steps calls the model where
    /// it begins, twice halfway, and where it ends.
    private static int[] rungeKutta(int[] whole, int ratio) {
        if (whole.length < ORDER) {
            throw new UnsupportedSchedulerException(
                    CLASS_NAME,
                    "steps",
                    whole.length + " with skip_prk_steps false",
                    "at least " + ORDER);
        }
        int[] calls = new int[RUNGE_KUTTA_CALLS + whole.length - 3];
        for (int step = 0; step < 3; step++) {
            int halfway = whole[step + 1] + ratio / 2;
            calls[4 * step] = whole[step];
            calls[4 * step + 1] = halfway;
            calls[4 * step + 2] = halfway;
            calls[4 * step + 3] = whole[step + 1];
        }
        System.arraycopy(whole, 3, calls, RUNGE_KUTTA_CALLS, whole.length - 3);
        return calls;
    }

    /// One trajectory.
    private final class Run extends DiscreteRun {
        private final int ratio;

        /// The combination of model outputs that a step follows: scratch.
        private final FloatTensor combined;

        // What is remembered between calls.
        private final History history;
        private final FloatTensor accumulated;
        private final FloatTensor start;

        Run(int[] timesteps, Timeline timeline, int ratio, Shape sample) {
            super(PndmScheduler.this.schedule, timesteps, timeline);
            this.ratio = ratio;
            combined = FloatTensor.allocate(sample);
            history = new History(ORDER, sample);
            accumulated = FloatTensor.allocate(sample);
            start = FloatTensor.allocate(sample);
        }

        @Override
        public void step(
                FloatTensor modelOutput, int call, FloatTensor sample, NoiseGenerator noise) {
            if (!skipRungeKutta && history.steps() < RUNGE_KUTTA_CALLS) {
                stepRungeKutta(modelOutput, call, sample);
            } else {
                stepMultistep(modelOutput, call, sample);
            }
            history.countStep();
        }

        /// Liu et al. 2022, equation 13.
        private void stepRungeKutta(FloatTensor modelOutput, int call, FloatTensor sample) {
            int phase = history.steps() % 4;
            int from = timesteps[history.steps() / 4 * 4];
            int to = timesteps[call] - (phase % 2 == 0 ? ratio / 2 : 0);
            int size = sample.shape().elements();
            if (phase == 0) {
                history.add().copyFrom(modelOutput);
                start.copyFrom(sample);
            }
            float weight = (float) (phase == 0 || phase == 3 ? 1 / 6d : 1 / 3d);
            for (int i = 0; i < size; i++) {
                float before = phase == 0 ? 0 : accumulated.get(i);
                accumulated.set(i, before + weight * modelOutput.get(i));
            }
            transfer(phase == 3 ? accumulated : modelOutput, from, to, start, sample);
        }

        /// Liu et al. 2022, equation 12, and its lower orders while there are fewer outputs.
        private void stepMultistep(FloatTensor modelOutput, int call, FloatTensor sample) {
            int size = sample.shape().elements();
            if (history.steps() == 1) {
                // The second call: back to the start, with the mean of both slopes.
                for (int i = 0; i < size; i++) {
                    combined.set(i, (modelOutput.get(i) + history.last(0).get(i)) / 2);
                }
                transfer(combined, timesteps[call] + ratio, timesteps[call], start, sample);
                return;
            }
            if (history.steps() == 0) {
                start.copyFrom(sample);
            }
            history.add().copyFrom(modelOutput);
            FloatTensor newest = history.last(0);
            switch (history.size()) {
                case 1 -> combined.copyFrom(newest);
                case 2 -> {
                    FloatTensor second = history.last(1);
                    for (int i = 0; i < size; i++) {
                        combined.set(i, (3 * newest.get(i) - second.get(i)) / 2);
                    }
                }
                case 3 -> {
                    FloatTensor second = history.last(1);
                    FloatTensor third = history.last(2);
                    for (int i = 0; i < size; i++) {
                        float sum = 23 * newest.get(i) - 16 * second.get(i) + 5 * third.get(i);
                        combined.set(i, sum / 12);
                    }
                }
                default -> {
                    FloatTensor second = history.last(1);
                    FloatTensor third = history.last(2);
                    FloatTensor fourth = history.last(3);
                    for (int i = 0; i < size; i++) {
                        float sum =
                                55 * newest.get(i)
                                        - 59 * second.get(i)
                                        + 37 * third.get(i)
                                        - 9 * fourth.get(i);
                        combined.set(i, sum / 24);
                    }
                }
            }
            transfer(combined, timesteps[call], timesteps[call] - ratio, sample, sample);
        }

        /// Moves `from`, at timestep `begin`, along `output` to timestep `end`: Liu et al. 2022,
        /// equation 9.
        private void transfer(
                FloatTensor output, int begin, int end, FloatTensor from, FloatTensor into) {
            float alphaBar = schedule.alphaBar(begin);
            float alphaBarEnd = end >= 0 ? schedule.alphaBar(end) : finalAlphaBar;
            float betaBar = 1 - alphaBar;
            float betaBarEnd = 1 - alphaBarEnd;
            float alpha = (float) Math.sqrt(alphaBar);
            float sigma = (float) Math.sqrt(betaBar);
            float ofSample = (float) Math.sqrt(alphaBarEnd / alphaBar);
            float denominator =
                    alphaBar * (float) Math.sqrt(betaBarEnd)
                            + (float) Math.sqrt(alphaBar * betaBar * alphaBarEnd);
            int size = into.shape().elements();
            for (int i = 0; i < size; i++) {
                float x = from.get(i);
                float epsilon = prediction.noise(output.get(i), x, alpha, sigma);
                into.set(i, ofSample * x - (alphaBarEnd - alphaBar) * epsilon / denominator);
            }
        }
    }
}
