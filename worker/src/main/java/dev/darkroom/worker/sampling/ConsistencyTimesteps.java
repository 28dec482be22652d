package dev.darkroom.worker.sampling;

/// The timesteps that a consistency model was distilled at, and the choice among them. Immutable.
///
/// Source: `set_timesteps` of `schedulers/scheduling_lcm.py`.
final class ConsistencyTimesteps {
    private final String scheduler;
    private final int trained;
    private final int distilled;

    /// What the fields of a class say that chooses so among `trained` timesteps.
    ConsistencyTimesteps(Fields fields, int trained) {
        this.scheduler = fields.scheduler();
        this.trained = trained;
        this.distilled = fields.integer("original_inference_steps", 50, 1);
        if (distilled > trained) {
            throw fields.refusal("original_inference_steps", "1 to " + trained);
        }
    }

    /// The timesteps of `steps` steps, from the noisiest on.
    int[] at(int steps, SamplingOptions options) {
        int available = (int) (distilled * options.distilledShare());
        if (steps < 1 || steps > available) {
            throw new UnsupportedSchedulerException(
                    scheduler,
                    "steps",
                    steps
                            + " with original_inference_steps "
                            + distilled
                            + " and strength "
                            + options.distilledShare(),
                    available == 0 ? "none: the strength is too small" : "1 to " + available);
        }
        int[] timesteps = new int[steps];
        double stride = available / (double) steps;
        for (int i = 0; i < steps; i++) {
            int fromEnd = (int) Math.floor(i * stride);
            timesteps[i] = (available - fromEnd) * (trained / distilled) - 1;
        }
        return timesteps;
    }
}
