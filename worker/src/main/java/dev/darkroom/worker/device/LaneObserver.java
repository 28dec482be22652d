package dev.darkroom.worker.device;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/// Is told what the device does. Called on the device thread: must be quick.
public interface LaneObserver {
    /// A run has ended.
    void ran(RunRecord run);

    /// Something other than a run kept the device thread: the load or unload of a model.
    void stalled(Duration time);

    /// The lane is dead: every evaluation fails from now on, and the process should end.
    void lost(Throwable cause);

    /// One that tells all of these, in order, also after one that fails; what it threw is thrown in
    /// the end.
    static LaneObserver all(List<LaneObserver> observers) {
        List<LaneObserver> copy = List.copyOf(observers);
        return new LaneObserver() {
            @Override
            public void ran(RunRecord run) {
                tell(copy, observer -> observer.ran(run));
            }

            @Override
            public void stalled(Duration time) {
                tell(copy, observer -> observer.stalled(time));
            }

            @Override
            public void lost(Throwable cause) {
                tell(copy, observer -> observer.lost(cause));
            }
        };
    }

    private static void tell(List<LaneObserver> observers, Consumer<LaneObserver> telling) {
        RuntimeException first = null;
        for (LaneObserver observer : observers) {
            try {
                telling.accept(observer);
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
