package dev.darkroom.worker.model;

/// The right to use a loaded model, which stays loaded until the lease is closed.
///
/// Owned by one job's thread; closing it again does nothing.
public final class ModelLease implements AutoCloseable {
    private final LoadedModel model;
    private final Runnable end;

    // Owned by the thread that took the lease.
    private boolean closed;

    /// A lease on this model; `end` gives it back.
    ModelLease(LoadedModel model, Runnable end) {
        this.model = model;
        this.end = end;
    }

    /// The model.
    public LoadedModel model() {
        return model;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            end.run();
        }
    }
}
