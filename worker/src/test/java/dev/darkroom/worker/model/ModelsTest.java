package dev.darkroom.worker.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.device.CapPolicy;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.device.LaneObserver;
import dev.darkroom.worker.device.Signature;
import dev.darkroom.worker.device.StoppedException;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// With the real lane and real folders; graphs only tell whether they are open.
@Timeout(30)
class ModelsTest {
    private static final ModelId A = new ModelId("a");
    private static final ModelId B = new ModelId("b");

    @TempDir private Path root;
    private ExecutorService thread;
    private ExecutorService jobs;
    private DeviceLane lane;
    private final List<String> open = new CopyOnWriteArrayList<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger loads = new AtomicInteger();
    private final CountDownLatch gate = new CountDownLatch(1);

    @BeforeEach
    void prepare() throws IOException {
        thread = Executors.newSingleThreadExecutor();
        jobs = Executors.newVirtualThreadPerTaskExecutor();
        lane = new DeviceLane(thread, new CapPolicy.Fixed(1), LaneObserver.all(List.of()));
        for (String name : List.of("a", "b")) {
            copy(Path.of(System.getProperty("fixtures"), "models", "ddpm"), root.resolve(name));
        }
    }

    @AfterEach
    void end() {
        jobs.close();
        lane.close();
        thread.close();
    }

    @Test
    void loadsOnceForAllWhoWait() throws Exception {
        try (Models models = models(1L << 30, this::held)) {
            List<Future<ModelLease>> leases = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                leases.add(jobs.submit(() -> models.lease(A)));
            }
            gate.countDown();
            LoadedModel first = leases.getFirst().get().model();
            for (Future<ModelLease> lease : leases) {
                assertThat(lease.get().model()).isSameAs(first);
                lease.get().close();
            }
            assertThat(events).containsExactly("loaded a");
            assertThat(models.loaded()).containsExactly(A);
        }
        assertThat(open).isEmpty();
    }

    @Test
    void evictsTheUnusedOneWhenMemoryIsShort() throws InterruptedException {
        try (Models models = models(budgetForOne(), this::loaded)) {
            models.preload(A);
            try (ModelLease b = models.lease(B)) {
                assertThat(open).containsExactly("b/unet");
                assertThat(b.model().graph("unet").name()).isEqualTo("b/unet");
            }
            assertThat(events).containsExactly("loaded a", "evicted a", "loaded b");
            assertThat(models.loaded()).containsExactly(B);
        }
    }

    @Test
    void waitsForRoomUntilTheLastLeaseEnds() throws Exception {
        try (Models models = models(budgetForOne(), this::loaded)) {
            ModelLease once = models.lease(A);
            ModelLease twice = models.lease(A);
            Future<ModelLease> waiting = jobs.submit(() -> models.lease(B));
            once.close();
            once.close();
            assertThat(open).containsExactly("a/unet");
            twice.close();
            assertThat(waiting.get().model().name()).isEqualTo(B);
            waiting.get().close();
            assertThat(open).containsExactly("b/unet");
        }
    }

    @Test
    void refusesAModelThatAloneExceedsTheBudget() {
        try (Models models = models(1000, this::loaded)) {
            assertThatThrownBy(() -> models.lease(A))
                    .isInstanceOf(FailureException.class)
                    .hasMessageMatching(
                            "MODEL_TOO_LARGE: a needs about \\d+ bytes of memory; this worker's"
                                    + " budget for models is 1000");
            assertThat(models.loaded()).isEmpty();
        }
    }

    @Test
    void everyoneWhoWaitedFailsWithTheLoadAndTheNextTriesAgain() throws Exception {
        failures.set(1);
        try (Models models = models(1L << 30, this::held)) {
            Future<ModelLease> one = jobs.submit(() -> models.lease(A));
            Future<ModelLease> other = jobs.submit(() -> models.lease(A));
            gate.countDown();
            int failed = 0;
            for (Future<ModelLease> lease : List.of(one, other)) {
                try {
                    lease.get().close();
                } catch (ExecutionException e) {
                    failed++;
                    assertThat(e)
                            .hasMessageContaining("BUG: a could not be loaded")
                            .hasMessageContaining("no weights today");
                }
            }
            assertThat(failed).isBetween(1, 2);
            models.preload(A);
            assertThat(models.loaded()).containsExactly(A);
            assertThat(events).contains("failed a", "loaded a");
        }
    }

    @Test
    void aBrokenFolderFailsWithAllThatIsWrong() throws IOException {
        Files.delete(root.resolve("a/unet/model.onnx"));
        Files.delete(root.resolve("a/unet/config.json"));
        try (Models models = models(1L << 30, this::loaded)) {
            assertThatThrownBy(() -> models.lease(A))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("unet/model.onnx is missing")
                    .hasMessageContaining("unet/config.json is missing");
        }
    }

    @Test
    void opensNoGraphWhoseWeightsAreDamaged() throws IOException {
        copy(
                Path.of(System.getProperty("fixtures"), "models-fused", "sd-turbo"),
                root.resolve("beside"));
        Path weights = root.resolve("beside/vae_encoder/model.onnx_data");
        byte[] damaged = Files.readAllBytes(weights);
        damaged[0] ^= 1;
        Files.write(weights, damaged);
        GraphLoader loader =
                (name, file) -> {
                    throw new AssertionError(file + " was opened");
                };
        try (Models models = models(1L << 30, loader)) {
            assertThatThrownBy(() -> models.lease(new ModelId("beside")))
                    .isInstanceOf(FailureException.class)
                    .hasMessageContaining("vae_encoder/model.onnx_data has the digest ");
            assertThat(models.loaded()).isEmpty();
        }
    }

    @Test
    void readsAFolderOnceUntilItChanges() throws IOException {
        try (Models models = models(1L << 30, this::loaded)) {
            Blueprint first = models.blueprint(A);
            assertThat(models.blueprint(A)).isSameAs(first);
            Files.writeString(root.resolve("a/darkroom.json"), "{\"title\": \"new\"}");
            assertThat(models.blueprint(A).folder().notes().title()).isEqualTo("new");
            assertThat(open).isEmpty();
        }
    }

    @Test
    void describesALoadedModelAsItIsLoadedWhateverHappensToItsFolder() throws Exception {
        try (Models models = models(1L << 30, this::loaded);
                ModelLease lease = models.lease(A)) {
            Files.writeString(root.resolve("a/darkroom.json"), "{\"title\": \"new\"}");
            assertThat(models.blueprint(A)).isSameAs(lease.model().blueprint());
        }
    }

    @Test
    void anUnknownNameIsRefusedAndLeavesNoMetricBehind() {
        try (Models models = models(1L << 30, this::loaded)) {
            assertThatThrownBy(() -> models.blueprint(new ModelId("c")))
                    .hasMessage("UNKNOWN_MODEL: model is c; legal: a, b");
            assertThatThrownBy(() -> models.lease(new ModelId("c")))
                    .hasMessage("UNKNOWN_MODEL: model is c; legal: a, b");
            assertThat(events).isEmpty();
        }
    }

    @Test
    void anInterruptedWaiterLeavesNothingBehind() throws Exception {
        try (Models models = models(budgetForOne(), this::loaded)) {
            ModelLease a = models.lease(A);
            Future<ModelLease> waiting = jobs.submit(() -> models.lease(B));
            assertThat(waiting.cancel(true)).isTrue();
            a.close();
            models.preload(B);
            assertThat(models.loaded()).containsExactly(B);
        }
    }

    @Test
    void goesByWhatTheFirstLoadTookFromThenOn() throws InterruptedException {
        // Both have the same files: estimated at twice those, two fit; measured at four times, one.
        long budget = 7 * graphBytes();
        try (Models estimated = models(budget, this::loaded)) {
            estimated.preload(A);
            estimated.preload(B);
            assertThat(events).containsExactly("loaded a", "loaded b");
        }
        events.clear();
        try (Models measured = models(budget, growing(4 * graphBytes()))) {
            measured.preload(A);
            measured.preload(B);
            assertThat(events).containsExactly("loaded a", "evicted a", "loaded b");
        }
        assertThat(open).isEmpty();
    }

    @Test
    void refusesAModelThatTurnsOutToExceedTheBudgetAndLeavesNothingLoaded() throws Exception {
        long file = graphBytes();
        try (Models models = models(3 * file, growing(4 * file))) {
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> models.lease(A))
                        .isInstanceOf(FailureException.class)
                        .hasMessage(
                                "MODEL_TOO_LARGE: a was measured to need %d bytes of memory; this"
                                        + " worker's budget for models is %d",
                                4 * file, 3 * file);
            }
            assertThat(open).isEmpty();
            assertThat(loads.get()).isOne();
        }
    }

    @Test
    void anErrorInALoadFailsItAndLeavesNothingOpen() throws Exception {
        copy(Path.of(System.getProperty("fixtures"), "models", "sd"), root.resolve("sd"));
        ModelId sd = new ModelId("sd");
        AtomicInteger left = new AtomicInteger(2);
        GraphLoader loader =
                (name, file) -> {
                    if (left.getAndDecrement() == 0) {
                        throw new OutOfMemoryError("Direct buffer memory");
                    }
                    open.add(name);
                    return new Switch(name, name.endsWith("text_encoder"));
                };
        try (Models models = models(1L << 30, loader)) {
            assertThatThrownBy(() -> models.lease(sd))
                    .isInstanceOf(FailureException.class)
                    .hasMessage(
                            "OUT_OF_MEMORY: the process has too little memory to load sd: Direct"
                                    + " buffer memory");
            assertThat(open).isEmpty();
            assertThat(events).containsExactly("failed sd");
            left.set(100);
            models.preload(sd);
            assertThat(models.loaded()).containsExactly(sd);
            left.set(0);
            assertThat(open).hasSize(4);
            assertThatThrownBy(models::close).hasMessage("sd/text_encoder does not close");
            assertThat(open).isEmpty();
        }
    }

    @Test
    void aStoppedJobStopsWaitingForRoomAndForAnothersLoad() throws Exception {
        AtomicBoolean stopped = new AtomicBoolean();
        try (Models models = models(budgetForOne(), this::loaded)) {
            try (ModelLease _ = models.lease(A)) {
                CountDownLatch first = new CountDownLatch(1);
                CountDownLatch second = new CountDownLatch(1);
                Future<ModelLease> forRoom =
                        jobs.submit(() -> models.lease(B, asked(first, stopped)));
                Future<ModelLease> forLoad =
                        jobs.submit(() -> models.lease(B, asked(second, stopped)));
                first.await();
                second.await();
                stopped.set(true);
                models.recheck();
                for (Future<ModelLease> waiting : List.of(forRoom, forLoad)) {
                    assertThatThrownBy(waiting::get)
                            .cause()
                            .isInstanceOf(StoppedException.class)
                            .hasMessage("stopped at the wait for model b");
                }
            }
            models.preload(B);
            assertThat(events).doesNotContain("failed b");
        }
    }

    /// Tells when it was asked: that is under the lock, just before the wait.
    private static BooleanSupplier asked(CountDownLatch first, AtomicBoolean stopped) {
        return () -> {
            first.countDown();
            return stopped.get();
        };
    }

    private long graphBytes() {
        return ModelFolder.read(root.resolve("a")).graphBytes();
    }

    /// Every load takes this much memory.
    private GraphLoader growing(long bytes) {
        return new GraphLoader() {
            @Override
            public Graph load(String name, Path file) {
                loads.incrementAndGet();
                return loaded(name, file);
            }

            @Override
            public OptionalLong memoryBytes() {
                return OptionalLong.of(1_000_000_000 + loads.get() * bytes);
            }
        };
    }

    private Models models(long bytes, GraphLoader loader) {
        return new Models(
                new Catalogue(root),
                new ModelBudget(bytes, Duration.ZERO),
                lane,
                loader,
                new ModelObserver() {
                    @Override
                    public void loaded(ModelId model, Duration preparation, Duration stall) {
                        events.add("loaded " + model);
                    }

                    @Override
                    public void failed(ModelId model) {
                        events.add("failed " + model);
                    }

                    @Override
                    public void evicted(ModelId model, Duration stall) {
                        events.add("evicted " + model);
                    }
                });
    }

    private long budgetForOne() {
        long bytes = ModelFolder.read(root.resolve("a")).graphBytes();
        return bytes * 3;
    }

    private Graph loaded(String name, Path file) {
        assertThat(file).isRegularFile();
        open.add(name);
        return new Switch(name, false);
    }

    /// Loads once the gate is open; fails as often as it was told to.
    private Graph held(String name, Path file) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        if (failures.getAndDecrement() > 0) {
            throw new IllegalArgumentException("no weights today");
        }
        return loaded(name, file);
    }

    /// A graph that is open or closed and computes nothing.
    private final class Switch implements Graph {
        private final String name;
        private final boolean jammed;

        Switch(String name, boolean jammed) {
            this.name = name;
            this.jammed = jammed;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Signature signature() {
            return new Signature(List.of(), List.of());
        }

        @Override
        public Map<String, FloatTensor> run(Map<String, Tensor> inputs) {
            return Map.of();
        }

        @Override
        public void terminate() {}

        @Override
        public void close() {
            open.remove(name);
            if (jammed) {
                throw new IllegalStateException(name + " does not close");
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }
}
