package dev.darkroom.worker.sampling;

/// A run that follows a [Timeline].
abstract class TimedRun implements SchedulerRun {
    private final Timeline timeline;

    /// A run through these calls.
    TimedRun(Timeline timeline) {
        this.timeline = timeline;
    }

    @Override
    public final int calls() {
        return timeline.calls();
    }

    @Override
    public final int firstCall() {
        return timeline.first();
    }

    @Override
    public final double timestep(int call) {
        return timeline.timestep(call);
    }

    @Override
    public final int steps() {
        return timeline.steps();
    }

    @Override
    public final int stepsDone(int call) {
        return timeline.stepsDone(call);
    }
}
