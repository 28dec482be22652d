package dev.darkroom.worker.sampling;

import java.util.function.DoubleUnaryOperator;

/// The noise levels that a model was trained with, and the choice among them that the solvers of
/// exponential integrators make: at whole timesteps, with one more than there are steps and the
/// last left out, or between the greatest and the smallest level. Immutable.
///
/// Source: `set_timesteps` of `schedulers/scheduling_dpmsolver_multistep.py`.
final class SolverLevels {
    private final String scheduler;

    /// The level at each timestep of training, and its logarithm.
    private final float[] table;

    private final float[] logTable;

    private final TimestepSpacing spacing;
    private final int offset;
    private final SigmaSpacing sigmaSpacing;

    /// How many of the noisiest timesteps are left out.
    private final int clipped;

    private SolverLevels(
            Fields fields,
            NoiseSchedule schedule,
            TimestepSpacing spacing,
            int offset,
            int clipped) {
        this.scheduler = fields.scheduler();
        this.table = schedule.sigmas();
        this.logTable = SigmaSpacing.logarithms(table);
        this.spacing = spacing;
        this.offset = offset;
        this.sigmaSpacing = SigmaSpacing.of(fields);
        this.clipped = clipped;
    }

    /// What the fields of a class say that spaces timesteps and leaves none out.
    static SolverLevels of(Fields fields, NoiseSchedule schedule) {
        return of(fields, schedule, 0);
    }

    /// As [#of], for a class that leaves out timesteps whose `λ` is below `lambda_min_clipped`.
    static SolverLevels clippable(Fields fields, NoiseSchedule schedule) {
        return of(fields, schedule, clipped(fields, schedule));
    }

    /// As [#clippable], for a class whose timesteps are equally distant.
    static SolverLevels linear(Fields fields, NoiseSchedule schedule) {
        return new SolverLevels(
                fields, schedule, TimestepSpacing.LINSPACE, 0, clipped(fields, schedule));
    }

    private static SolverLevels of(Fields fields, NoiseSchedule schedule, int clipped) {
        return new SolverLevels(
                fields,
                schedule,
                TimestepSpacing.of(fields, TimestepSpacing.LINSPACE),
                fields.integer("steps_offset", 0, 0),
                clipped);
    }

    /// How many of the noisiest timesteps lie below the bound on `λ = log(α / σ)`.
    private static int clipped(Fields fields, NoiseSchedule schedule) {
        double least = fields.lowerBound("lambda_min_clipped");
        int count = 0;
        for (int t = 0; t < schedule.timesteps(); t++) {
            float alpha = (float) Math.sqrt(schedule.alphaBar(t));
            float sigma = (float) Math.sqrt(1 - schedule.alphaBar(t));
            if ((float) Math.log(alpha) - (float) Math.log(sigma) < least) {
                count++;
            }
        }
        return count;
    }

    /// How the levels are spaced.
    SigmaSpacing.Kind kind() {
        return sigmaSpacing.kind();
    }

    /// The smallest level.
    float least() {
        return table[0];
    }

    /// The levels of `steps` steps; a timestep between two of training is made whole by `whole`.
    Levels at(int steps, DoubleUnaryOperator whole) {
        double[] spaced = spaced(steps);
        if (sigmaSpacing.kind() != SigmaSpacing.Kind.TIMESTEPS) {
            double[] sigmas = sigmaSpacing.sigmas(table[table.length - 1], table[0], steps);
            return new Levels(sigmas, timestepsOf(sigmas)).withTimesteps(whole);
        }
        double[] sigmas = new double[spaced.length];
        for (int i = 0; i < sigmas.length; i++) {
            sigmas[i] = SigmaSpacing.interpolate(table, spaced[i]);
        }
        return new Levels(sigmas, spaced);
    }

    /// As [#at], where Karras's levels have the nearest timestep and others the one below.
    Levels at(int steps) {
        return at(steps, kind() == SigmaSpacing.Kind.KARRAS ? Math::rint : Math::floor);
    }

    /// `steps` levels whose logarithms are equally distant over all of training: Lu et al. 2022
    /// (DPM-Solver), section 3.3.
    Levels lu(int steps, DoubleUnaryOperator whole) {
        TimestepSpacing.checkSteps(scheduler, steps, table.length);
        double[] sigmas = new double[steps];
        for (int i = 0; i < steps; i++) {
            double greatest = logTable[logTable.length - 1];
            sigmas[i] = Math.exp(TimestepSpacing.linspace(greatest, logTable[0], steps, i));
        }
        return new Levels(sigmas, timestepsOf(sigmas)).withTimesteps(whole);
    }

    private double[] timestepsOf(double[] sigmas) {
        double[] timesteps = new double[sigmas.length];
        for (int i = 0; i < sigmas.length; i++) {
            timesteps[i] = SigmaSpacing.timestepOf(sigmas[i], logTable);
        }
        return timesteps;
    }

    private double[] spaced(int steps) {
        TimestepSpacing.checkSteps(scheduler, steps, table.length);
        int last = table.length - clipped;
        double ratio = table.length / (double) steps;
        double[] timesteps =
                new double
                        [spacing == TimestepSpacing.TRAILING
                                ? (int) Math.ceil(last / ratio - 1e-9)
                                : steps];
        if (spacing == TimestepSpacing.LEADING && last < steps + 1) {
            throw new UnsupportedSchedulerException(
                    scheduler,
                    "steps",
                    steps + " with timestep_spacing leading",
                    "1 to " + (last - 1));
        }
        for (int i = 0; i < timesteps.length; i++) {
            timesteps[i] =
                    switch (spacing) {
                        case LINSPACE ->
                                Math.rint(
                                        TimestepSpacing.linspace(
                                                0, last - 1, steps + 1, steps - i));
                        case LEADING -> (steps - i) * (last / (steps + 1)) + offset;
                        case TRAILING -> TimestepSpacing.trailing(i, last, ratio);
                    };
        }
        return timesteps;
    }
}
