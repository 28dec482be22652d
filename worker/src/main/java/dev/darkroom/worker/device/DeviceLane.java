package dev.darkroom.worker.device;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that runs graphs, and the rows of all jobs that wait for it.
///
/// A job opens a [Ticket] and evaluates through it, as a plain blocking call on its own virtual
/// thread; the lane merges the rows of all jobs that want the same graph at the same shape.
/// [Batcher] decides; this class copies rows in and out, keeps time and wakes the jobs.
public final class DeviceLane implements AutoCloseable {
    // Who owns what. One lock guards the bookkeeping, and also every copy between a job's tensors
    // and the run's: a job that was stopped gets its tensors back the moment its evaluation ends,
    // so no copy may be under way then. Copies are short beside a run. The run itself, the
    // observer and calls happen outside of the lock, on the device thread. A job waits on the
    // future of its own evaluation, not on the lock, and whoever completes that future has done
    // with the job's tensors; completing it is what makes the outputs visible to the job.

    private static final Logger LOG = LoggerFactory.getLogger(DeviceLane.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

    private final LaneObserver observer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CompletableFuture<@Nullable Void> exited = new CompletableFuture<>();

    // Guarded by the lock.
    private final Batcher batcher;
    private final Deque<Call<?>> calls = new ArrayDeque<>();
    private @Nullable Graph running;
    private @Nullable Throwable lost;
    private @Nullable Thread thread;
    private boolean closing;
    private long busyNanos;
    private long stalledNanos;

    // Owned by the device thread.
    private final BatchBuffers buffers = new BatchBuffers();

    /// Starts the lane.
    ///
    /// @param device runs one task, for as long as the lane is open, on a thread of its own that
    ///   may block: [DeviceThread] in a worker
    public DeviceLane(Executor device, CapPolicy caps, LaneObserver observer) {
        this.batcher = new Batcher(caps);
        this.observer = observer;
        device.execute(this::loop);
    }

    /// A place at the device for this job, to be closed by whoever opened it.
    public Ticket open(JobId job) {
        return new Ticket(new Seat(job));
    }

    /// Runs something else on the device thread, between two runs, and waits for it: the load or
    /// unload of a graph. Nothing is computed meanwhile, so let it be short. Called on the device
    /// thread itself, it runs at once.
    ///
    /// Throws what `work` throws; a checked exception comes wrapped in an [IllegalStateException].
    ///
    /// @throws FailureException `DEVICE_LOST`
    /// @throws IllegalStateException when the lane is closed
    public <T> T call(Callable<T> work) {
        Call<T> call = new Call<>(work, new CompletableFuture<>());
        boolean inline;
        lock.lock();
        try {
            inline = Thread.currentThread() == thread;
            if (!inline) {
                refuseWhenLost();
                if (closing) {
                    throw closed();
                }
                calls.addLast(call);
                changed.signal();
            }
        } finally {
            lock.unlock();
        }
        if (inline) {
            call.run();
        }
        return switch (call.result.join()) {
            case Result.Returned<T>(T value) -> value;
            case Result.Threw<T>(Throwable thrown) -> throw rethrown(thrown);
        };
    }

    /// Forgets what was learnt about this graph: call it when the graph is closed.
    public void forget(Graph graph) {
        lock.lock();
        try {
            batcher.forget(graph);
        } finally {
            lock.unlock();
        }
    }

    /// Time spent in runs since the lane started, in seconds.
    public double busySeconds() {
        lock.lock();
        try {
            return busyNanos / 1e9;
        } finally {
            lock.unlock();
        }
    }

    /// Time spent in calls since the lane started, in seconds.
    public double stalledSeconds() {
        lock.lock();
        try {
            return stalledNanos / 1e9;
        } finally {
            lock.unlock();
        }
    }

    /// Rows that wait now.
    public int rowsWaiting() {
        lock.lock();
        try {
            return batcher.rowsWaiting();
        } finally {
            lock.unlock();
        }
    }

    /// Stops every job at the device, lets calls that wait be made, and ends the device thread's
    /// task; waits at most half a minute for it.
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            end(batcher.withdrawAll(), new Ending.Stopped());
            terminateIfAbandoned();
            changed.signal();
        } finally {
            lock.unlock();
        }
        try {
            exited.get(CLOSE_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            LOG.warn(
                    "the device is still busy {} s after it was told to end",
                    CLOSE_LIMIT.toSeconds());
        } catch (ExecutionException e) {
            throw new IllegalStateException("the device thread's loop never fails its future", e);
        }
    }

    /// A job's place at the device. All methods may be called from any thread; an evaluation is
    /// made by the thread that owns its tensors.
    public final class Ticket implements Evaluator, AutoCloseable {
        private final Seat seat;

        private Ticket(Seat seat) {
            this.seat = seat;
        }

        @Override
        public void evaluate(Evaluation evaluation) {
            Graph graph = evaluation.graph();
            Work work = new Work(seat, evaluation, key(evaluation));
            lock.lock();
            try {
                if (Thread.currentThread() == thread) {
                    throw new IllegalStateException("the device thread cannot wait for itself");
                }
                refuseWhenLost();
                if (seat.stopped() || closing) {
                    throw new StoppedException(graph.name());
                }
                batcher.submit(work);
                changed.signal();
            } finally {
                lock.unlock();
            }
            switch (work.await()) {
                case Ending.Delivered _ -> {}
                case Ending.Stopped _ -> throw new StoppedException(graph.name());
                case Ending.Failed(Failure failure, Throwable cause) ->
                        throw new FailureException(failure, cause);
            }
        }

        /// Withdraws every row of the job, and lets evaluations throw [StoppedException] from now
        /// on. A run under way goes on unless nobody else has a row in it. Once this has returned,
        /// no later run holds a row of the job. May be called again.
        public void stop() {
            lock.lock();
            try {
                seat.stop();
                end(batcher.withdraw(seat), new Ending.Stopped());
                terminateIfAbandoned();
                changed.signal();
            } finally {
                lock.unlock();
            }
        }

        /// The job's share of the time of all runs that held its rows, by rows, in seconds.
        public double deviceSeconds() {
            lock.lock();
            try {
                return seat.deviceNanos() / 1e9;
            } finally {
                lock.unlock();
            }
        }

        /// Gives the place back; as [#stop].
        @Override
        public void close() {
            stop();
        }
    }

    private static BatchKey key(Evaluation evaluation) {
        try {
            if (evaluation.rows() < 1) {
                throw new IllegalArgumentException(
                        evaluation.graph().name()
                                + " was asked for "
                                + evaluation.rows()
                                + " rows");
            }
            return BatchKey.of(evaluation);
        } catch (IllegalArgumentException e) {
            throw new FailureException(
                    Failure.of(FailureCode.BUG, String.valueOf(e.getMessage())), e);
        }
    }

    private void refuseWhenLost() {
        if (lost != null) {
            throw new FailureException(deviceLost(lost), lost);
        }
    }

    private static IllegalStateException closed() {
        return new IllegalStateException("the device lane is closed");
    }

    private static Failure deviceLost(Throwable cause) {
        return Failure.of(
                FailureCode.DEVICE_LOST,
                "the device is lost until a restart: " + cause.getMessage());
    }

    private void terminateIfAbandoned() {
        if (running != null && batcher.abandoned()) {
            running.terminate();
        }
    }

    private static void end(Collection<Work> works, Ending ending) {
        works.forEach(work -> work.end(ending));
    }

    private static RuntimeException rethrown(Throwable thrown) {
        return switch (thrown) {
            case RuntimeException unchecked -> unchecked;
            case Error error -> throw error;
            default -> new IllegalStateException("on the device thread: " + thrown, thrown);
        };
    }

    // ---- the device thread

    private void loop() {
        lock.lock();
        try {
            thread = Thread.currentThread();
        } finally {
            lock.unlock();
        }
        try {
            while (step(await())) {}
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Throwable bug) {
            lose(bug);
        } finally {
            leave();
        }
    }

    private sealed interface Step {
        record Compute(Batch batch, Map<String, Tensor> inputs, RunRecord.Rows rows)
                implements Step {}

        record Misfit(Batch batch, Throwable cause, RunRecord.Rows rows) implements Step {}

        record Make(Call<?> call) implements Step {}

        record End() implements Step {}
    }

    private Step await() throws InterruptedException {
        lock.lock();
        try {
            while (true) {
                Call<?> call = calls.pollFirst();
                if (call != null) {
                    return new Step.Make(call);
                }
                if (closing) {
                    return new Step.End();
                }
                long now = System.nanoTime();
                switch (batcher.next(now)) {
                    case Batcher.Next.Idle _ -> changed.await();
                    case Batcher.Next.Wait(long until) -> {
                        long _ = changed.awaitNanos(until - now);
                    }
                    case Batcher.Next.Run(Batch batch) -> {
                        RunRecord.Rows rows = rows(batch);
                        try {
                            Map<String, Tensor> inputs = buffers.gather(batch);
                            running = batch.key().graph();
                            return new Step.Compute(batch, inputs, rows);
                        } catch (RuntimeException | OutOfMemoryError e) {
                            return new Step.Misfit(batch, e, rows);
                        }
                    }
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean step(Step step) {
        return switch (step) {
            case Step.Compute(Batch batch, Map<String, Tensor> inputs, RunRecord.Rows rows) ->
                    compute(batch, inputs, rows);
            case Step.Misfit(Batch batch, Throwable cause, RunRecord.Rows rows) ->
                    settle(batch, rows, 0, cause);
            case Step.Make(Call<?> call) -> make(call);
            case Step.End _ -> false;
        };
    }

    private boolean compute(Batch batch, Map<String, Tensor> inputs, RunRecord.Rows rows) {
        long start = System.nanoTime();
        Map<String, FloatTensor> outputs;
        Throwable unfit = null;
        try {
            outputs = batch.key().graph().run(inputs);
        } catch (RuntimeException | OutOfMemoryError e) {
            return settle(batch, rows, System.nanoTime() - start, e);
        }
        long nanos = System.nanoTime() - start;
        lock.lock();
        try {
            scatter(batch, outputs);
            running = null;
            busyNanos += nanos;
            end(batcher.computed(batch, nanos, System.nanoTime()), new Ending.Delivered());
        } catch (RuntimeException | OutOfMemoryError e) {
            unfit = e;
        } finally {
            lock.unlock();
        }
        if (unfit != null) {
            return settle(batch, rows, nanos, unfit);
        }
        tell(batch, rows, RunRecord.Outcome.COMPUTED, nanos);
        return true;
    }

    private boolean settle(Batch batch, RunRecord.Rows rows, long nanos, Throwable cause) {
        RunRecord.Outcome outcome;
        lock.lock();
        try {
            running = null;
            busyNanos += nanos;
            outcome =
                    switch (cause) {
                        case RunTerminatedException _ -> {
                            batcher.terminated(batch, nanos);
                            yield RunRecord.Outcome.TERMINATED;
                        }
                        case DeviceLostException _ -> RunRecord.Outcome.LOST;
                        case DeviceMemoryException _ -> {
                            refuse(batcher.outOfMemory(batch, nanos), batch, cause);
                            yield RunRecord.Outcome.OUT_OF_MEMORY;
                        }
                        case OutOfMemoryError _ -> {
                            refuse(batcher.outOfMemory(batch, nanos), batch, cause);
                            yield RunRecord.Outcome.OUT_OF_MEMORY;
                        }
                        default -> {
                            refuse(batcher.failed(batch, nanos), batch, cause);
                            yield RunRecord.Outcome.FAILED;
                        }
                    };
        } finally {
            lock.unlock();
        }
        tell(batch, rows, outcome, nanos);
        if (outcome == RunRecord.Outcome.LOST) {
            lose(cause);
            return false;
        }
        return true;
    }

    private boolean make(Call<?> call) {
        long start = System.nanoTime();
        call.run();
        long nanos = System.nanoTime() - start;
        lock.lock();
        try {
            stalledNanos += nanos;
        } finally {
            lock.unlock();
        }
        observe(() -> observer.stalled(Duration.ofNanos(nanos)));
        if (call.result.join() instanceof Result.Threw<?>(DeviceLostException cause)) {
            lose(cause);
            return false;
        }
        return true;
    }

    /// Says so before any job learns of it: no job may end, and another be taken, in between.
    private void lose(Throwable cause) {
        observe(() -> observer.lost(cause));
        lock.lock();
        try {
            lost = cause;
            running = null;
            end(batcher.withdrawAll(), new Ending.Failed(deviceLost(cause), cause));
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            closing = true;
            end(batcher.withdrawAll(), new Ending.Stopped());
            Throwable why = lost;
            RuntimeException gone =
                    why == null ? closed() : new FailureException(deviceLost(why), why);
            calls.forEach(call -> call.refuse(gone));
            calls.clear();
        } finally {
            lock.unlock();
        }
        exited.complete(null);
    }

    private static void refuse(List<Work> works, Batch batch, Throwable cause) {
        FailureCode code =
                cause instanceof DeviceMemoryException || cause instanceof OutOfMemoryError
                        ? FailureCode.OUT_OF_MEMORY
                        : FailureCode.BUG;
        for (Work work : works) {
            String which =
                    batch.slices().stream()
                            .filter(slice -> slice.work() == work)
                            .map(slice -> slice.from() + " to " + (slice.to() - 1))
                            .reduce((one, other) -> one + " and " + other)
                            .orElse("none");
            String message =
                    batch.key().graph().name()
                            + " refused rows "
                            + which
                            + " of "
                            + work.evaluation().rows()
                            + " ("
                            + batch.key().profile().shapes()
                            + "): "
                            + cause.getMessage();
            work.end(new Ending.Failed(Failure.of(code, message), cause));
        }
    }

    private static void scatter(Batch batch, Map<String, FloatTensor> outputs) {
        int rows = batch.rows();
        outputs.forEach((name, output) -> {
            if (output.shape().rank() == 0 || output.shape().size(0) != rows) {
                throw new IllegalStateException(
                        batch.key().graph().name()
                                + " gave "
                                + name
                                + " as "
                                + output
                                + " for "
                                + rows
                                + " rows");
            }
        });
        outputs.forEach((name, output) -> {
            int row = 0;
            for (Slice slice : batch.slices()) {
                if (!slice.work().ended()) {
                    target(slice.work().evaluation(), name, output.shape().row())
                            .rows(slice.from(), slice.to())
                            .copyFrom(output.rows(row, row + slice.rows()));
                }
                row += slice.rows();
            }
        });
    }

    private static FloatTensor target(Evaluation evaluation, String name, Shape row) {
        Shape shape = row.batchOf(evaluation.rows());
        FloatTensor target = evaluation.outputs().get(name);
        if (target == null || !target.shape().equals(shape)) {
            target = FloatTensor.allocate(shape);
            evaluation.outputs().put(name, target);
        }
        return target;
    }

    private static RunRecord.Rows rows(Batch batch) {
        List<JobId> jobs = new ArrayList<>();
        List<Double> timesteps = new ArrayList<>();
        for (Slice slice : batch.slices()) {
            Tensor times = slice.work().evaluation().inputs().get("timestep");
            for (int row = slice.from(); row < slice.to(); row++) {
                jobs.add(slice.work().seat().job());
                if (times != null && times.shape().rank() == 1) {
                    timesteps.add(
                            switch (times) {
                                case FloatTensor floats -> (double) floats.get(row);
                                case LongTensor longs -> (double) longs.get(row);
                            });
                }
            }
        }
        return new RunRecord.Rows(jobs, timesteps);
    }

    private void tell(Batch batch, RunRecord.Rows rows, RunRecord.Outcome outcome, long nanos) {
        RunRecord record =
                new RunRecord(
                        batch.key().graph().name(),
                        batch.key().profile().shapes(),
                        rows,
                        new RunRecord.Sizing(batch.why(), batch.leftWaiting()),
                        outcome,
                        nanos);
        observe(() -> observer.ran(record));
    }

    private static void observe(Runnable telling) {
        try {
            telling.run();
        } catch (RuntimeException e) {
            LOG.error("an observer of the device failed; runs go on", e);
        }
    }

    private sealed interface Result<T> {
        record Returned<T>(T value) implements Result<T> {}

        record Threw<T>(Throwable thrown) implements Result<T> {}
    }

    private record Call<T>(Callable<T> work, CompletableFuture<Result<T>> result) {
        void run() {
            try {
                result.complete(new Result.Returned<>(work.call()));
            } catch (Throwable thrown) {
                result.complete(new Result.Threw<>(thrown));
            }
        }

        void refuse(RuntimeException why) {
            result.complete(new Result.Threw<>(why));
        }
    }
}
