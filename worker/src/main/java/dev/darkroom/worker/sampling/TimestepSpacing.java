package dev.darkroom.worker.sampling;

import java.util.Locale;

/// How the timesteps of a run are chosen among those that the model was trained with.
///
/// Source: Lin et al. 2023, table 2; `set_timesteps` of the reference's schedulers. The reference
/// makes one timestep too many, −1, for some numbers of trailing steps from 61 on, since its
/// `arange` rounds up; here there are always as many as asked for.
enum TimestepSpacing {
    /// From the last to the first, both included.
    LINSPACE,
    /// Multiples of a whole ratio, from 0, shifted by `steps_offset`.
    LEADING,
    /// Equal distances, from the last.
    TRAILING;

    /// What the field `timestep_spacing` says.
    static TimestepSpacing of(Fields fields, TimestepSpacing otherwise) {
        String name = otherwise.name().toLowerCase(Locale.ROOT);
        String given = fields.choice("timestep_spacing", name, "linspace", "leading", "trailing");
        return valueOf(given.toUpperCase(Locale.ROOT));
    }

    /// Refuses a number of steps beyond 1 to `trained`.
    static void checkSteps(String scheduler, int steps, int trained) {
        if (steps < 1 || steps > trained) {
            throw new UnsupportedSchedulerException(
                    scheduler, "steps", "" + steps, "1 to " + trained);
        }
    }

    /// Whole timesteps that index a table of `trained` entries, from the noisiest on.
    int[] whole(String scheduler, int steps, int trained, int offset) {
        checkSteps(scheduler, steps, trained);
        int[] timesteps = new int[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = (int) Math.rint(at(i, steps, trained, offset));
        }
        if (timesteps[0] >= trained) {
            throw new UnsupportedSchedulerException(
                    scheduler,
                    "steps",
                    steps + " with steps_offset " + offset,
                    "timesteps below " + trained + ", and the first would be " + timesteps[0]);
        }
        return timesteps;
    }

    /// Timesteps that may lie between those of the table, from the noisiest on.
    float[] real(String scheduler, int steps, int trained, int offset) {
        checkSteps(scheduler, steps, trained);
        float[] timesteps = new float[steps];
        for (int i = 0; i < steps; i++) {
            timesteps[i] = (float) at(i, steps, trained, offset);
        }
        return timesteps;
    }

    private double at(int index, int steps, int trained, int offset) {
        int fromEnd = steps - 1 - index;
        return switch (this) {
            case LINSPACE -> linspace(0, trained - 1, steps, fromEnd);
            case LEADING -> fromEnd * (trained / steps) + offset;
            case TRAILING -> trailing(index, trained, trained / (double) steps);
        };
    }

    /// Element `index` of `size` equally distant numbers from `start` to `end`, as numpy rounds
    /// them.
    static double linspace(double start, double end, int size, int index) {
        if (size == 1) {
            return start;
        }
        return index == size - 1 ? end : index * ((end - start) / (size - 1)) + start;
    }

    /// Timestep `index` when each lies `ratio` below the one before and the first at `last - 1`.
    static double trailing(int index, int last, double ratio) {
        double step = (last - ratio) - last;
        return Math.rint(last + index * step) - 1;
    }
}
