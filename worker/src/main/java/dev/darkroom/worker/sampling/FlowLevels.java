package dev.darkroom.worker.sampling;

/// The noise levels of flow matching before a run shifts them. Immutable.
///
/// Source: the constructor and `set_timesteps` of
/// `schedulers/scheduling_flow_match_euler_discrete.py`.
final class FlowLevels {
    private final String scheduler;
    private final int trained;
    private final float greatest;
    private final float least;

    /// What the fields of a class say whose levels of training are shifted by `factor`.
    FlowLevels(Fields fields, double factor) {
        this.scheduler = fields.scheduler();
        this.trained = fields.integer("num_train_timesteps", 1000, 1);
        this.greatest = (float) TimeShift.shifted(1, factor);
        this.least = (float) TimeShift.shifted((float) (1 / (double) trained), factor);
    }

    /// The number of timesteps that the model was trained with.
    int trained() {
        return trained;
    }

    /// `steps` levels, equally distant between those of training.
    double[] own(int steps) {
        return between(steps, greatest, least);
    }

    /// `steps` levels, equally distant from 1 to 1 over their number.
    double[] even(int steps) {
        return between(steps, 1, 1 / (double) steps);
    }

    private double[] between(int steps, double from, double to) {
        TimestepSpacing.checkSteps(scheduler, steps, trained);
        double[] levels = new double[steps];
        for (int i = 0; i < steps; i++) {
            levels[i] = TimestepSpacing.linspace(from, to, steps, i);
        }
        return levels;
    }
}
