package dev.darkroom.worker.pipeline;

import dev.darkroom.worker.device.CapPolicy;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.device.LaneObserver;
import dev.darkroom.worker.model.Catalogue;
import dev.darkroom.worker.model.ModelBudget;
import dev.darkroom.worker.model.ModelObserver;
import dev.darkroom.worker.model.Models;
import dev.darkroom.worker.onnx.DeviceOptions;
import dev.darkroom.worker.onnx.OnnxRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A device and the models of one folder, for tests: everything that a pipeline runs on.
record Studio(ExecutorService thread, DeviceLane lane, OnnxRuntime runtime, Models models)
        implements AutoCloseable {
    private static final ModelBudget PLENTY = new ModelBudget(1L << 30, Duration.ZERO);

    /// A lane on the processor over the models below `root`.
    static Studio open(Path root) {
        ExecutorService thread = Executors.newSingleThreadExecutor();
        DeviceLane lane =
                new DeviceLane(thread, new CapPolicy.Learnt(16), LaneObserver.all(List.of()));
        OnnxRuntime runtime = OnnxRuntime.open(DeviceOptions.cpu());
        Models models =
                new Models(new Catalogue(root), PLENTY, lane, runtime::load, ModelObserver.none());
        return new Studio(thread, lane, runtime, models);
    }

    @Override
    public void close() {
        models.close();
        lane.call(() -> {
            runtime.close();
            return true;
        });
        lane.close();
        thread.close();
    }
}
