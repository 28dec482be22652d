package dev.darkroom.ops.cli;

import dev.darkroom.ops.parity.Check;
import dev.darkroom.ops.parity.Finding;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/// The checks of a run counted by how they ended. For one thread.
final class Tally {
    private final Map<Finding.Verdict, Integer> ends = new EnumMap<>(Finding.Verdict.class);
    private int cases;
    private int trajectories;
    private Duration time = Duration.ZERO;

    /// Counts one.
    void add(Finding finding) {
        ends.merge(finding.verdict(), 1, Integer::sum);
        switch (finding.check()) {
            case Check.OfScheduler _ -> trajectories++;
            case Check.OfPipeline _, Check.WithoutModel _ -> cases++;
        }
        time = time.plus(finding.time());
    }

    /// How many ended like this.
    int count(Finding.Verdict verdict) {
        return ends.getOrDefault(verdict, 0);
    }

    /// Whether all were tried and none is outside its tolerance.
    boolean allWithin() {
        return count(Finding.Verdict.WITHIN) == cases + trajectories;
    }

    /// Cases of models, each counted once for every folder that holds its model.
    int cases() {
        return cases;
    }

    /// Trajectories of schedulers.
    int trajectories() {
        return trajectories;
    }

    /// The time that all of them took together, loads of models excepted.
    Duration time() {
        return time;
    }
}
