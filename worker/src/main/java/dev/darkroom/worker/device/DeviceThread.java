package dev.darkroom.worker.device;

import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/// The device thread: a named Vert.x worker executor of size one, as an [Executor].
///
/// The lane's loop is one task that lasts as long as the lane, so the executor's limit on the time
/// of a task, past which Vert.x would warn of a blocked thread, is lifted.
public final class DeviceThread implements Executor, AutoCloseable {
    private final WorkerExecutor worker;

    /// A thread of this name, started with its first task.
    public DeviceThread(Vertx vertx, String name) {
        this.worker =
                vertx.createSharedWorkerExecutor(name, 1, Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    }

    @Override
    public void execute(Runnable task) {
        worker.executeBlocking(() -> {
            task.run();
            return Boolean.TRUE;
        });
    }

    /// Ends the thread, once its task has ended: close the lane first.
    @Override
    public void close() {
        worker.close();
    }
}
