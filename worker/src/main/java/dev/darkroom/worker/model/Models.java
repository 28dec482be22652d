package dev.darkroom.worker.model;

import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.device.DeviceLostException;
import dev.darkroom.worker.device.DeviceMemoryException;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.device.StoppedException;
import dev.darkroom.worker.text.TokenizerException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/// The models of this worker: loaded when a job wants them, kept while there is memory, leased to
/// any number of jobs at a time.
///
/// Safe for any thread. Files are read and checked on the calling thread; only the creation and the
/// end of graphs runs on the device's, since it stalls all jobs.
public final class Models implements AutoCloseable {
    private final Blueprints blueprints;
    private final DeviceLane device;
    private final GraphLoader loader;
    private final ModelObserver observer;
    private final long budgetBytes;
    private final InstantSource clock = InstantSource.system();

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    // Guarded by the lock.
    private final Residency<Slot> residency;
    private final Map<ModelId, Slot> slots = new HashMap<>();
    private final Footprints footprints = new Footprints();

    /// No model is loaded yet.
    ///
    /// @param loader makes graphs, on the device thread
    public Models(
            Catalogue catalogue,
            ModelBudget budget,
            DeviceLane device,
            GraphLoader loader,
            ModelObserver observer) {
        this.blueprints = new Blueprints(catalogue);
        this.device = device;
        this.loader = loader;
        this.observer = observer;
        this.budgetBytes = budget.bytes();
        this.residency = new Residency<>(budget);
    }

    /// One model's way from the disk to the device and back.
    private static final class Slot {
        final ModelId name;

        // Guarded by the lock.
        State state = new State.Loading();

        Slot(ModelId name) {
            this.name = name;
        }
    }

    /// Where a slot is on its way.
    private sealed interface State {
        /// A thread reads, checks and loads it; others wait.
        record Loading() implements State {}

        /// It can be leased.
        record Ready(LoadedModel model) implements State {}

        /// Its load failed; whoever waited for it fails too, whoever comes later tries again.
        record Failed(Failure failure) implements State {}

        /// It was evicted, or its load given up: whoever waited for it begins anew.
        record Gone() implements State {}
    }

    /// What this model is, so that a job can be judged before the model is loaded for it: as it is
    /// loaded now, or else as it lies on the disk.
    ///
    /// @throws FailureException `UNKNOWN_MODEL`; `BUG` when its folder cannot be used, with
    ///   everything that is wrong
    public Blueprint blueprint(ModelId name) {
        lock.lock();
        try {
            Slot slot = slots.get(name);
            if (slot != null && slot.state instanceof State.Ready(LoadedModel model)) {
                return model.blueprint();
            }
        } finally {
            lock.unlock();
        }
        try {
            return blueprints.of(name);
        } catch (RuntimeException e) {
            throw failed(name, failure(name, e), e);
        }
    }

    /// As [#lease(ModelId, BooleanSupplier)], for a caller that nobody stops.
    public ModelLease lease(ModelId name) throws InterruptedException {
        return lease(name, () -> false);
    }

    /// The right to use this model, loaded first if need be. Waits for a load under way, and for
    /// room; a load that has begun is brought to its end.
    ///
    /// @param stopped whether the caller has to give up its wait; after it has changed, call
    ///   [#recheck]
    /// @throws StoppedException when it gave up
    /// @throws FailureException `UNKNOWN_MODEL`; `MODEL_TOO_LARGE` when it alone exceeds the budget
    ///   or the device; `OUT_OF_MEMORY` when the process has too little; `DEVICE_LOST`; `BUG` when
    ///   its folder cannot be used, with everything that is wrong. The next call tries again.
    public ModelLease lease(ModelId name, BooleanSupplier stopped) throws InterruptedException {
        Slot mine = new Slot(name);
        lock.lockInterruptibly();
        try {
            for (Slot slot = slots.putIfAbsent(name, mine);
                    slot != null;
                    slot = slots.putIfAbsent(name, mine)) {
                while (slot.state instanceof State.Loading) {
                    refuseStopped(name, stopped);
                    changed.await();
                }
                switch (slot.state) {
                    case State.Ready(LoadedModel model) -> {
                        return granted(slot, model);
                    }
                    case State.Failed(Failure failure) -> throw new FailureException(failure);
                    case State.Loading _, State.Gone _ -> {}
                }
            }
        } finally {
            lock.unlock();
        }
        return load(mine, stopped);
    }

    /// Lets everyone who waits for a model look again whether it is stopped.
    public void recheck() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private static void refuseStopped(ModelId name, BooleanSupplier stopped) {
        if (stopped.getAsBoolean()) {
            throw new StoppedException("the wait for model " + name);
        }
    }

    /// Loads this model if it is not, and keeps no lease on it.
    ///
    /// @throws FailureException as [#lease] does
    public void preload(ModelId name) throws InterruptedException {
        lease(name).close();
    }

    /// The models that are ready now, sorted by name.
    public List<ModelId> loaded() {
        lock.lock();
        try {
            return slots.values().stream()
                    .filter(slot -> slot.state instanceof State.Ready)
                    .map(slot -> slot.name)
                    .sorted(Comparator.comparing(ModelId::value))
                    .toList();
        } finally {
            lock.unlock();
        }
    }

    /// Ends all graphs. To be called once every lease is closed and no other call is under way.
    @Override
    public void close() {
        lock.lock();
        try {
            List<Graph> graphs = new ArrayList<>();
            for (Slot slot : slots.values()) {
                if (slot.state instanceof State.Ready(LoadedModel model)) {
                    graphs.addAll(model.graphs().values());
                }
            }
            slots.clear();
            end(graphs);
        } finally {
            lock.unlock();
        }
    }

    /// A lease, under the lock.
    private ModelLease granted(Slot slot, LoadedModel model) {
        residency.leased(slot);
        return new ModelLease(model, () -> release(slot));
    }

    private void release(Slot slot) {
        lock.lock();
        try {
            residency.released(slot);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private ModelLease load(Slot slot, BooleanSupplier stopped) throws InterruptedException {
        boolean roomTaken = false;
        Collection<Graph> graphs = List.of();
        try {
            Instant begun = clock.instant();
            Blueprint blueprint = blueprints.of(slot.name);
            ModelFolder folder = blueprint.folder();
            Wanted wanted = new Wanted(folder.digest(), folder.graphBytes());
            Duration preparation = Duration.between(begun, clock.instant());
            takeRoom(slot, wanted, stopped);
            roomTaken = true;
            Instant stalled = clock.instant();
            Loaded loaded = device.call(() -> graphs(slot.name, folder));
            graphs = loaded.graphs().values();
            Duration stall = Duration.between(stalled, clock.instant());
            weigh(slot, wanted, loaded.grown());
            observer.loaded(slot.name, preparation, stall);
            return ready(slot, new LoadedModel(blueprint, wanted.digest(), loaded.graphs()));
        } catch (InterruptedException | StoppedException e) {
            leave(slot, new State.Gone(), roomTaken);
            throw e;
        } catch (RuntimeException | Error e) {
            try {
                end(graphs);
            } catch (RuntimeException close) {
                e.addSuppressed(close);
            }
            Failure failure = failure(slot.name, e);
            leave(slot, new State.Failed(failure), roomTaken);
            throw failed(slot.name, failure, e);
        }
    }

    /// A model that has to find room.
    ///
    /// @param digest over its files
    /// @param graphBytes of its graphs' files
    private record Wanted(String digest, long graphBytes) {}

    /// What a load gave.
    ///
    /// @param graphs by part
    /// @param grown by how much the memory in use grew meanwhile
    private record Loaded(Map<String, Graph> graphs, OptionalLong grown) {}

    /// Corrects what is known of a model's memory by what its load took.
    private void weigh(Slot slot, Wanted wanted, OptionalLong grown) {
        lock.lock();
        try {
            footprints.grew(wanted.digest(), wanted.graphBytes(), grown);
            long bytes = footprints.of(wanted.digest(), wanted.graphBytes());
            residency.weighs(slot, bytes);
            if (bytes > budgetBytes) {
                throw tooLarge(slot.name, wanted);
            }
        } finally {
            lock.unlock();
        }
    }

    private ModelLease ready(Slot slot, LoadedModel model) {
        lock.lock();
        try {
            slot.state = new State.Ready(model);
            residency.loaded(slot, clock.instant());
            changed.signalAll();
            return granted(slot, model);
        } finally {
            lock.unlock();
        }
    }

    /// Gives up a load.
    private void leave(Slot slot, State end, boolean roomTaken) {
        lock.lock();
        try {
            slot.state = end;
            slots.remove(slot.name, slot);
            if (roomTaken) {
                residency.removed(slot);
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until there is room and takes it, evicting others on the way.
    private void takeRoom(Slot slot, Wanted wanted, BooleanSupplier stopped)
            throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                refuseStopped(slot.name, stopped);
                long bytes = footprints.of(wanted.digest(), wanted.graphBytes());
                switch (residency.room(bytes, clock.instant())) {
                    case Residency.Room.Never<Slot>() -> throw tooLarge(slot.name, wanted);
                    case Residency.Room.Later<Slot>(Instant at) -> {
                        if (at.equals(Instant.MAX)) {
                            changed.await();
                        } else {
                            Duration wait = Duration.between(clock.instant(), at);
                            boolean _ = changed.await(wait.toNanos() + 1, TimeUnit.NANOSECONDS);
                        }
                    }
                    case Residency.Room.Free<Slot>(List<Slot> evictions)
                            when evictions.isEmpty() -> {
                        residency.loading(slot, bytes);
                        return;
                    }
                    case Residency.Room.Free<Slot>(List<Slot> evictions) ->
                            evict(evictions.getFirst());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /// Ends one model, with the lock given up meanwhile; the model takes its memory until it is
    /// over, and counts as used, so that nobody else evicts it too.
    private void evict(Slot victim) {
        if (!(victim.state instanceof State.Ready(LoadedModel model))) {
            throw new IllegalStateException(victim.name + " is " + victim.state);
        }
        victim.state = new State.Gone();
        slots.remove(victim.name, victim);
        residency.leased(victim);
        lock.unlock();
        Instant stalled = clock.instant();
        try {
            end(model.graphs().values());
        } finally {
            lock.lock();
            residency.released(victim);
            residency.removed(victim);
            changed.signalAll();
        }
        observer.evicted(victim.name, Duration.between(stalled, clock.instant()));
    }

    private void end(Collection<Graph> graphs) {
        if (!graphs.isEmpty()) {
            lock.lock();
            try {
                footprints.unloaded();
            } finally {
                lock.unlock();
            }
            boolean _ =
                    device.call(() -> {
                        graphs.forEach(device::forget);
                        Graph.closeAll(graphs);
                        return true;
                    });
        }
    }

    /// Loads all graphs, or none. On the device thread.
    private Loaded graphs(ModelId name, ModelFolder folder) {
        Map<String, Graph> graphs = new LinkedHashMap<>();
        try {
            OptionalLong before = loader.memoryBytes();
            for (String component : folder.components()) {
                graphs.put(component, loader.load(name + "/" + component, folder.graph(component)));
            }
            OptionalLong after = loader.memoryBytes();
            return new Loaded(
                    graphs,
                    before.isPresent() && after.isPresent()
                            ? OptionalLong.of(after.getAsLong() - before.getAsLong())
                            : OptionalLong.empty());
        } catch (RuntimeException | Error e) {
            try {
                Graph.closeAll(graphs.values());
            } catch (RuntimeException close) {
                e.addSuppressed(close);
            }
            throw e;
        }
    }

    /// Under the lock.
    private FailureException tooLarge(ModelId name, Wanted wanted) {
        return new FailureException(
                Failure.of(
                        FailureCode.MODEL_TOO_LARGE,
                        name
                                + (footprints.measured(wanted.digest())
                                        ? " was measured to need "
                                        : " needs about ")
                                + footprints.of(wanted.digest(), wanted.graphBytes())
                                + " bytes of memory; this worker's budget for models is "
                                + budgetBytes));
    }

    private FailureException failed(ModelId name, Failure failure, Throwable cause) {
        // Names that only jobs know would grow the metrics without end.
        if (failure.code() != FailureCode.UNKNOWN_MODEL) {
            observer.failed(name);
        }
        return new FailureException(failure, cause);
    }

    private static Failure failure(ModelId name, Throwable e) {
        return switch (e) {
            case FailureException known -> known.failure();
            case OutOfMemoryError _ ->
                    Failure.of(
                            FailureCode.OUT_OF_MEMORY,
                            "the process has too little memory to load "
                                    + name
                                    + ": "
                                    + e.getMessage());
            case DeviceMemoryException _ ->
                    Failure.of(
                            FailureCode.MODEL_TOO_LARGE,
                            name + " does not fit the device: " + e.getMessage());
            case DeviceLostException _ ->
                    Failure.of(
                            FailureCode.DEVICE_LOST,
                            "while loading " + name + ": " + e.getMessage());
            case ModelFolderException _, TokenizerException _ ->
                    Failure.of(FailureCode.BUG, name + ": " + e.getMessage());
            default -> Failure.of(FailureCode.BUG, name + " could not be loaded: " + e);
        };
    }
}
