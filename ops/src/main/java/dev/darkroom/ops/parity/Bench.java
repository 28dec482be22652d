package dev.darkroom.ops.parity;

import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.device.CapPolicy;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.device.LaneObserver;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.Catalogue;
import dev.darkroom.worker.model.ModelBudget;
import dev.darkroom.worker.model.ModelLease;
import dev.darkroom.worker.model.ModelObserver;
import dev.darkroom.worker.model.Models;
import dev.darkroom.worker.onnx.DeviceOptions;
import dev.darkroom.worker.onnx.OnnxRuntime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// A device of this process, and the models of one folder at a time.
///
/// For one thread; [#close] may come from another.
final class Bench implements AutoCloseable {
    private static final JobId JOB = new JobId("parity");

    /// Rows in one run at most, as in a worker that is not told otherwise.
    private static final int MOST_ROWS = 16;

    /// One model is loaded at a time, however large: the memory is there or it is not.
    private static final ModelBudget ALL = new ModelBudget(Long.MAX_VALUE, Duration.ZERO);

    private final ExecutorService thread;
    private final DeviceLane lane;
    private final OnnxRuntime runtime;

    // Guarded by this.
    private @Nullable Family family;
    private boolean closed;

    /// One family's model, from one folder.
    private record Family(ModelsFolder folder, ModelId name, Models models) {
        boolean is(ModelsFolder otherFolder, ModelId otherName) {
            return folder.equals(otherFolder) && name.equals(otherName);
        }
    }

    private Bench(ExecutorService thread, DeviceLane lane, OnnxRuntime runtime) {
        this.thread = thread;
        this.lane = lane;
        this.runtime = runtime;
    }

    /// A device with nothing on it.
    ///
    /// @throws dev.darkroom.worker.onnx.DeviceUnavailableException when there is none such
    static Bench open(DeviceOptions options) {
        ExecutorService thread =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().name("device").factory());
        DeviceLane lane =
                new DeviceLane(
                        thread, new CapPolicy.Learnt(MOST_ROWS), LaneObserver.all(List.of()));
        try {
            return new Bench(thread, lane, lane.call(() -> OnnxRuntime.open(options)));
        } catch (RuntimeException e) {
            lane.close();
            thread.close();
            throw e;
        }
    }

    /// What a model is, without its weights.
    ///
    /// @throws dev.darkroom.protocol.failure.FailureException when its folder cannot be used
    Blueprint blueprint(ModelsFolder folder, ModelId name) {
        return models(folder, name).blueprint(name);
    }

    /// A model, loaded if it is not; whichever was before is unloaded once another is asked for.
    ///
    /// @throws dev.darkroom.protocol.failure.FailureException when it cannot be loaded
    ModelLease lease(ModelsFolder folder, ModelId name) throws InterruptedException {
        return models(folder, name).lease(name);
    }

    /// A place at the device.
    DeviceLane.Ticket ticket() {
        return lane.open(JOB);
    }

    private synchronized Models models(ModelsFolder folder, ModelId name) {
        if (closed) {
            throw new IllegalStateException("the device is closed");
        }
        if (family == null || !family.is(folder, name)) {
            unload();
            Catalogue catalogue = new Catalogue(folder.path(), folder.notes());
            Models models = new Models(catalogue, ALL, lane, runtime::load, ModelObserver.none());
            family = new Family(folder, name, models);
        }
        return family.models;
    }

    private void unload() {
        if (family != null) {
            family.models.close();
            family = null;
        }
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        unload();
        lane.call(() -> {
            runtime.close();
            return true;
        });
        lane.close();
        thread.close();
    }
}
