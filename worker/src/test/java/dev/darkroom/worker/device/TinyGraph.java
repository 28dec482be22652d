package dev.darkroom.worker.device;

import dev.darkroom.worker.device.Signature.ElementType;
import dev.darkroom.worker.device.Signature.Port;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// A graph that computes `out = 2·sample + timestep` for each row, remembers what it was given, and
/// can be told to have little memory, to choke on a value, or to wait before it computes.
///
/// | tensor | shape |
/// |---|---|
/// | `sample` | `[B, 2]` |
/// | `timestep` | `[B]`, or a scalar |
/// | `out` | `[B, 2]` |
final class TinyGraph implements Graph {
    private final String name;
    private final Signature signature;
    private final List<Run> runs = new CopyOnWriteArrayList<>();
    private final Semaphore entered = new Semaphore(0);
    private final Semaphore allowed = new Semaphore(0);
    private final AtomicBoolean terminated = new AtomicBoolean();
    private final AtomicBoolean gated = new AtomicBoolean();
    private volatile int memoryRows = Integer.MAX_VALUE;
    private volatile float poison = Float.NaN;
    private volatile @Nullable RuntimeException always;
    private volatile boolean closed;

    record Run(List<Float> samples, List<Float> timesteps, Thread thread) {
        int rows() {
            return samples.size();
        }
    }

    private TinyGraph(String name, List<Long> timestep) {
        this.name = name;
        this.signature =
                new Signature(
                        List.of(
                                new Port("sample", ElementType.FLOAT32, List.of(-1L, 2L)),
                                new Port("timestep", ElementType.FLOAT32, timestep)),
                        List.of(new Port("out", ElementType.FLOAT32, List.of(-1L, 2L))));
    }

    static TinyGraph vector(String name) {
        return new TinyGraph(name, List.of(-1L));
    }

    static TinyGraph scalar(String name) {
        return new TinyGraph(name, List.of());
    }

    static TinyGraph singleRow(String name) {
        return new TinyGraph(name, List.of(1L));
    }

    /// Rows above this number do not fit.
    TinyGraph withMemoryFor(int rows) {
        memoryRows = rows;
        return this;
    }

    /// A run that holds this sample value is refused.
    TinyGraph chokingOn(float sample) {
        poison = sample;
        return this;
    }

    /// Every run throws this.
    TinyGraph throwing(RuntimeException failure) {
        always = failure;
        return this;
    }

    /// From now on each run waits for [#allow].
    TinyGraph gated() {
        gated.set(true);
        return this;
    }

    /// Returns when a run has started and waits.
    void awaitEntered() {
        entered.acquireUninterruptibly();
    }

    /// Lets one run go on.
    void allow() {
        allowed.release();
    }

    /// Lets all runs go on from now.
    void openGate() {
        gated.set(false);
        allowed.release();
    }

    List<Run> runs() {
        return runs;
    }

    boolean closed() {
        return closed;
    }

    Evaluation evaluation(float timestep, float... samples) {
        FloatTensor sample = FloatTensor.allocate(Shape.of(samples.length, 2));
        FloatTensor times = FloatTensor.allocate(Shape.of(samples.length));
        for (int row = 0; row < samples.length; row++) {
            sample.set(2 * row, samples[row]);
            sample.set(2 * row + 1, -samples[row]);
            times.set(row, timestep);
        }
        return new Evaluation(
                this, samples.length, Map.of("sample", sample, "timestep", times), Map.of());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Signature signature() {
        return signature;
    }

    @Override
    public Map<String, FloatTensor> run(Map<String, Tensor> inputs) {
        FloatTensor sample = (FloatTensor) Objects.requireNonNull(inputs.get("sample"));
        FloatTensor times = (FloatTensor) Objects.requireNonNull(inputs.get("timestep"));
        int rows = sample.shape().size(0);
        List<Float> samples = new ArrayList<>();
        List<Float> timesteps = new ArrayList<>();
        FloatTensor out = FloatTensor.allocate(sample.shape());
        for (int row = 0; row < rows; row++) {
            float time = times.get(times.shape().rank() == 0 ? 0 : row);
            samples.add(sample.get(2 * row));
            timesteps.add(time);
            out.set(2 * row, 2 * sample.get(2 * row) + time);
            out.set(2 * row + 1, 2 * sample.get(2 * row + 1) + time);
        }
        runs.add(new Run(samples, timesteps, Thread.currentThread()));
        try {
            if (gated.get()) {
                entered.release();
                allowed.acquireUninterruptibly();
            }
            RuntimeException failure = always;
            if (failure != null) {
                throw failure;
            }
            if (terminated.get()) {
                throw new RunTerminatedException("asked to end", new IllegalStateException());
            }
        } finally {
            terminated.set(false);
        }
        if (rows > memoryRows) {
            throw new DeviceMemoryException(rows + " rows do not fit", new OutOfMemoryError());
        }
        if (samples.contains(poison)) {
            throw new IllegalStateException("choked on " + poison);
        }
        return Map.of("out", out);
    }

    @Override
    public void terminate() {
        terminated.set(true);
        allowed.release();
    }

    @Override
    public void close() {
        closed = true;
    }
}
