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
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
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
        return ModelBudget.residentBytes(bytes) * 3 / 2;
    }

    private Graph loaded(String name, Path file) {
        assertThat(file).isRegularFile();
        open.add(name);
        return new Switch(name);
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

        Switch(String name) {
            this.name = name;
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
