package dev.darkroom.worker.sampling;

/// The noise levels that a model was trained with, and the choice among them that k-diffusion's
/// algorithms make: at timesteps that may lie between two of training, or between a greatest and a
/// smallest level. Immutable.
///
/// Source: `set_timesteps` of `schedulers/scheduling_euler_discrete.py`.
final class TrainedLevels {
    private final String scheduler;

    /// The level at each timestep of training, and its logarithm.
    private final float[] table;

    private final float[] logTable;

    private final TimestepSpacing spacing;
    private final int offset;
    private final SigmaSpacing sigmaSpacing;

    /// What the fields of a class say that has these levels and spaces them so.
    TrainedLevels(Fields fields, NoiseSchedule schedule, SigmaSpacing sigmaSpacing) {
        this.scheduler = fields.scheduler();
        this.table = schedule.sigmas();
        this.logTable = SigmaSpacing.logarithms(table);
        this.spacing = TimestepSpacing.of(fields, TimestepSpacing.LINSPACE);
        this.offset = fields.integer("steps_offset", 0, 0);
        this.sigmaSpacing = sigmaSpacing;
    }

    /// How the timesteps are spaced.
    TimestepSpacing spacing() {
        return spacing;
    }

    /// How the levels are spaced.
    SigmaSpacing.Kind kind() {
        return sigmaSpacing.kind();
    }

    /// The smallest level.
    float least() {
        return table[0];
    }

    /// The logarithms of the smallest and the greatest level.
    float logLeast() {
        return logTable[0];
    }

    /// The logarithm of the greatest level.
    float logGreatest() {
        return logTable[logTable.length - 1];
    }

    /// The timesteps of `steps` steps, before their levels move them.
    float[] spaced(int steps) {
        return spacing.real(scheduler, steps, table.length, offset);
    }

    /// The levels of `steps` steps.
    Levels at(int steps) {
        float[] spaced = spaced(steps);
        double[] sigmas = new double[steps];
        for (int i = 0; i < steps; i++) {
            sigmas[i] = SigmaSpacing.interpolate(table, spaced[i]);
        }
        return moved(sigmas, spaced);
    }

    /// The levels `sigmas`, spaced otherwise between its first and its last where the configuration
    /// says so, for steps at the timesteps `spaced`.
    Levels moved(double[] sigmas, float[] spaced) {
        int steps = spaced.length;
        double[] timesteps = new double[steps];
        if (sigmaSpacing.kind() == SigmaSpacing.Kind.TIMESTEPS) {
            for (int i = 0; i < steps; i++) {
                timesteps[i] = spaced[i];
            }
            return new Levels(sigmas, timesteps);
        }
        double[] moved = sigmaSpacing.sigmas(sigmas[0], sigmas[sigmas.length - 1], steps);
        for (int i = 0; i < steps; i++) {
            timesteps[i] = timestepOf(moved[i]);
        }
        return new Levels(moved, timesteps);
    }

    /// The timestep at which the level is `sigma`, between those of training.
    double timestepOf(double sigma) {
        return (float) SigmaSpacing.timestepOf(sigma, logTable);
    }
}
