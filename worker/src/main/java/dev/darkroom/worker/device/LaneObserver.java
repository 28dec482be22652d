package dev.darkroom.worker.device;

import java.time.Duration;
import java.util.List;

/// Is told what the device does. Called on the device thread: must be quick.
public interface LaneObserver {
    /// A run has ended.
    void ran(RunRecord run);

    /// Something other than a run kept the device thread: the load or unload of a model.
    void stalled(Duration time);

    /// The lane is dead: every evaluation fails from now on, and the process should end.
    void lost(Throwable cause);

    /// One that tells all of these, in order.
    static LaneObserver all(List<LaneObserver> observers) {
        List<LaneObserver> copy = List.copyOf(observers);
        return new LaneObserver() {
            @Override
            public void ran(RunRecord run) {
                copy.forEach(observer -> observer.ran(run));
            }

            @Override
            public void stalled(Duration time) {
                copy.forEach(observer -> observer.stalled(time));
            }

            @Override
            public void lost(Throwable cause) {
                copy.forEach(observer -> observer.lost(cause));
            }
        };
    }
}
