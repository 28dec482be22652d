package dev.darkroom.worker;

import dev.darkroom.protocol.event.WorkerStatus;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.config.KafkaAccess;
import dev.darkroom.worker.config.WorkerConfig;
import dev.darkroom.worker.device.DeviceLane;
import dev.darkroom.worker.device.DeviceThread;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.device.LaneObserver;
import dev.darkroom.worker.device.RunLog;
import dev.darkroom.worker.device.RunRecord;
import dev.darkroom.worker.events.EventPublisher;
import dev.darkroom.worker.events.KafkaEventPublisher;
import dev.darkroom.worker.http.OperatorPort;
import dev.darkroom.worker.input.HttpsSource;
import dev.darkroom.worker.input.Inputs;
import dev.darkroom.worker.intake.Cancellations;
import dev.darkroom.worker.intake.Queue;
import dev.darkroom.worker.intake.SelfCheck;
import dev.darkroom.worker.intake.ShareJobSource;
import dev.darkroom.worker.job.Alarms;
import dev.darkroom.worker.job.JobSlots;
import dev.darkroom.worker.model.Catalogue;
import dev.darkroom.worker.model.GraphLoader;
import dev.darkroom.worker.model.ModelBudget;
import dev.darkroom.worker.model.Models;
import dev.darkroom.worker.onnx.DeviceUnavailableException;
import dev.darkroom.worker.onnx.OnnxRuntime;
import dev.darkroom.worker.storage.Artifacts;
import dev.darkroom.worker.storage.Patience;
import dev.darkroom.worker.storage.S3ObjectStore;
import dev.darkroom.worker.storage.StoreRefusedException;
import dev.darkroom.worker.storage.StoreUnavailableException;
import dev.darkroom.worker.telemetry.Telemetry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One worker: takes jobs from one lane and brings them to their end on one device.
///
/// [#start] checks the surroundings, starts the parts in the order in which they need each other
/// and returns when jobs are taken; [#close] takes no more jobs, lets those in hand end within the
/// configured time, leaves the rest to other workers, and stops the parts in reverse. Safe for any
/// thread.
public final class Worker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration COMMANDS = Duration.ofMinutes(1);

    /// How long the topic of commands keeps one, as `topics create` sets it.
    private static final Duration COMMAND_RETENTION = Duration.ofDays(7);

    /// How long a job that was told to stop may take to notice; a run of the device is the longest
    /// thing that it may be in.
    private static final Duration STOPPING = Duration.ofSeconds(20);

    private static final Duration CLOSE_STEP = Duration.ofSeconds(35);

    private final WorkerConfig config;
    private final CloseSequence parts;
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private final Readiness readiness;
    private final OperatorPort http;
    private final String device;
    private final Models models;
    private final EventPublisher events;
    private final JobRunner runner;
    private final JobSlots slots;
    private volatile WorkerStatus.State state = WorkerStatus.State.STARTING;

    /// Why a worker has ended.
    public enum End {
        /// It was closed.
        CLOSED,
        /// Its device is lost: only a new process can help.
        DEVICE_LOST
    }

    /// Starts a worker; returns when it takes jobs.
    ///
    /// @throws StartException when it cannot work where it is, with every problem found
    public static Worker start(WorkerConfig config) throws InterruptedException {
        return start(config, LaneObserver.all(List.of()));
    }

    /// Starts a worker whose runs on the device are also told to `runs`, for whoever embeds it.
    ///
    /// @throws StartException when it cannot work where it is, with every problem found
    public static Worker start(WorkerConfig config, LaneObserver runs) throws InterruptedException {
        CloseSequence parts = new CloseSequence(CLOSE_STEP);
        try {
            return new Worker(config, parts, runs);
        } catch (InterruptedException | RuntimeException | Error e) {
            parts.close();
            throw e;
        }
    }

    /// Starts the parts in the order in which they need each other.
    private Worker(WorkerConfig config, CloseSequence parts, LaneObserver runs)
            throws InterruptedException {
        this.config = config;
        this.parts = parts;
        KafkaAccess kafka = Wiring.kafka(config);
        S3ObjectStore store =
                parts.add("the object store", S3ObjectStore.open(Wiring.s3(config.s3())));
        checkSurroundings(store, kafka);

        Telemetry telemetry = parts.add("telemetry", new Telemetry());
        Vertx vertx = vertx(telemetry);
        parts.add("vertx", () -> vertx.close().toCompletionStage().toCompletableFuture().join());
        readiness =
                new Readiness(
                        List.of(() -> storeProblems(store), () -> brokerProblems(kafka)),
                        System::nanoTime);
        readiness.lacks("worker", "is starting");
        http = parts.add("http", open(vertx, telemetry));

        DeviceThread thread = parts.add("the device thread", new DeviceThread(vertx, "device"));
        DeviceLane lane =
                parts.add(
                        "the device lane",
                        new DeviceLane(
                                thread, Wiring.rows(config.device()), observers(telemetry, runs)));
        OnnxRuntime runtime = open(lane);
        parts.add("the runtime", () -> close(lane, runtime));
        device = runtime.deviceName();
        models = parts.add("the models", models(lane, runtime, telemetry));
        preload();

        KafkaEventPublisher producers =
                parts.add("events", KafkaEventPublisher.open(kafka, telemetry.events()));
        events = producers;
        Cancellations cancellations =
                parts.add("commands", Cancellations.open(kafka, COMMAND_RETENTION));
        if (!cancellations.awaitCaughtUp(COMMANDS)) {
            throw new StartException(
                    List.of(
                            "The cancel commands in "
                                    + config.topics().commands()
                                    + " could not be read within "
                                    + COMMANDS.toSeconds()
                                    + " s. Look whether the worker may read that topic."));
        }
        ExecutorService media =
                Executors.newFixedThreadPool(
                        config.process().mediaThreads(),
                        Thread.ofPlatform().daemon().name("media-", 0).factory());
        // What is queued is still done: a job waits for its last progress event without a limit.
        parts.add("media threads", media::shutdown);
        Alarms alarms = parts.add("alarms", new Alarms(Clock.systemUTC()));
        Patience patience = Patience.standard();
        HttpsSource https =
                parts.add("inputs", HttpsSource.open(config.inputs().timing().download()));
        Inputs inputs =
                new Inputs(
                        Wiring.inputs(config),
                        new Inputs.Sources(store, https),
                        patience,
                        Clock.systemUTC(),
                        media);
        runner =
                new JobRunner(
                        Wiring.rules(config),
                        new JobRunner.Workplace(
                                new ModelStudio(device, models, lane), inputs, media),
                        new JobRunner.Outlets(
                                new Artifacts(store, config.s3().prefix()),
                                patience,
                                events,
                                telemetry.jobs()),
                        new JobRunner.Signals(
                                (job, action) -> cancellations.onCancel(job, action)::close,
                                alarms,
                                Clock.systemUTC()));
        List<ShareJobSource> sources = sources(kafka, telemetry);
        slots =
                parts.add(
                        "job slots", new JobSlots(vertx, List.copyOf(sources), runner, this::tell));
        KafkaEventPublisher.RATES.forEach(
                rate -> telemetry.kafka("producer", rate, () -> producers.rate(rate)));
        ShareJobSource.RATES.forEach(rate ->
                telemetry.kafka(
                        "consumer",
                        rate,
                        () -> sources.stream().mapToDouble(source -> source.rate(rate)).sum()));
        telemetry.gauge(Telemetry.Level.SLOTS, slots::count);
        telemetry.gauge(Telemetry.Level.BUSY, slots::busy);
        telemetry.gauge(Telemetry.Level.WAITING_ROWS, lane::rowsWaiting);
        telemetry.gauge(Telemetry.Level.MODELS, () -> models.loaded().size());
        // A worker without a device would fail every job that it takes.
        var _ = end.thenRun(slots::stop);
        slots.start();
        become(WorkerStatus.State.READY);
        readiness.has("worker");
        long timer = vertx.setPeriodic(config.process().timing().status().toMillis(), _ -> tell());
        parts.add("status", () -> vertx.cancelTimer(timer));
        LOG.info(
                "Worker {} takes jobs from {} on {}, {} at a time; http on port {}",
                config.process().id(),
                config.topics().jobs(),
                device,
                slots.count(),
                http.port());
    }

    /// The port that health and metrics are served on.
    public int httpPort() {
        return http.port();
    }

    /// Its name in events and status.
    public String id() {
        return config.process().id();
    }

    /// Waits until the worker is closed or lost.
    public End awaitEnd() throws InterruptedException {
        try {
            return end.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("never completed with an exception", e);
        }
    }

    /// Drains and stops. A second call, from any thread, waits for the first.
    @Override
    public synchronized void close() {
        if (state == WorkerStatus.State.STOPPED) {
            return;
        }
        drain();
        become(WorkerStatus.State.STOPPED);
        parts.close();
        end.complete(End.CLOSED);
        LOG.info("Worker {} has stopped", id());
    }

    /// Takes no more jobs and waits for those in hand; what does not end in time is left to others.
    private void drain() {
        become(WorkerStatus.State.DRAINING);
        readiness.lacks("worker", "is draining");
        slots.stop();
        try {
            Duration patience = config.process().timing().drain();
            if (slots.busy() > 0) {
                LOG.info("{} jobs have {} s to end", slots.busy(), patience.toMillis() / 1000.0);
            }
            if (!slots.await(patience)) {
                // A slot without a job may take a moment longer to leave its poll.
                if (slots.busy() > 0) {
                    LOG.info("{} jobs are left to other workers", slots.busy());
                }
                runner.drain();
                if (!slots.await(STOPPING)) {
                    LOG.warn("{} jobs do not stop; their locks run out", slots.busy());
                }
            }
        } catch (InterruptedException e) {
            runner.drain();
            Thread.currentThread().interrupt();
        }
    }

    private void checkSurroundings(S3ObjectStore store, KafkaAccess kafka)
            throws InterruptedException {
        List<String> problems = new ArrayList<>(SelfCheck.run(kafka, ANSWER));
        problems.addAll(store.probe());
        if (!Files.isDirectory(config.models().folder())) {
            problems.add(
                    "models.folder is "
                            + config.models().folder().toAbsolutePath()
                            + ", which is no folder. Create it, or correct the configuration.");
        }
        if (!problems.isEmpty()) {
            throw new StartException(problems);
        }
    }

    private static Vertx vertx(Telemetry telemetry) {
        return Vertx.builder()
                .with(
                        new VertxOptions()
                                .setMetricsOptions(new MicrometerMetricsOptions().setEnabled(true)))
                .withMetrics(new MicrometerMetricsFactory(telemetry.registry()))
                .build();
    }

    private LaneObserver observers(Telemetry telemetry, LaneObserver runs) {
        List<LaneObserver> observers =
                new ArrayList<>(List.of(telemetry.device(), new Loss(), runs));
        if (config.logging().runs()) {
            observers.add(new RunLog());
        }
        return LaneObserver.all(observers);
    }

    private OperatorPort open(Vertx vertx, Telemetry telemetry) {
        try {
            return OperatorPort.open(
                    vertx,
                    config.http().host(),
                    config.http().port(),
                    new OperatorPort.Pages(this::dead, readiness::missing, telemetry::scrape));
        } catch (IllegalStateException e) {
            throw new StartException(List.of(String.valueOf(e.getMessage())));
        }
    }

    private OnnxRuntime open(DeviceLane lane) {
        try {
            return lane.call(() -> OnnxRuntime.open(Wiring.device(config.device())));
        } catch (DeviceUnavailableException e) {
            throw new StartException(List.of(String.valueOf(e.getMessage())));
        }
    }

    private static void close(DeviceLane lane, OnnxRuntime runtime) {
        lane.call(() -> {
            runtime.close();
            return true;
        });
    }

    private Models models(DeviceLane lane, OnnxRuntime runtime, Telemetry telemetry) {
        return new Models(
                new Catalogue(config.models().folder()),
                new ModelBudget(config.models().memory().count(), config.models().leastStay()),
                lane,
                new GraphLoader() {
                    @Override
                    public Graph load(String name, Path file) {
                        return runtime.load(name, file);
                    }

                    @Override
                    public OptionalLong memoryBytes() {
                        return runtime.memoryBytes();
                    }
                },
                telemetry.models());
    }

    private void preload() throws InterruptedException {
        List<String> problems = new ArrayList<>();
        for (ModelId model : config.models().preload()) {
            readiness.lacks("model " + model, "is being loaded");
            try {
                models.preload(model);
                readiness.has("model " + model);
            } catch (FailureException e) {
                problems.add("models.preload: " + e.failure().message());
            }
        }
        if (!problems.isEmpty()) {
            throw new StartException(problems);
        }
    }

    private List<ShareJobSource> sources(KafkaAccess kafka, Telemetry telemetry) {
        List<ShareJobSource> sources = new ArrayList<>();
        for (int slot = 0; slot < config.process().slots(); slot++) {
            sources.add(ShareJobSource.open(kafka, Queue.JOBS, slot, telemetry.intake()));
        }
        return sources;
    }

    private List<String> dead() {
        return end.getNow(End.CLOSED) == End.DEVICE_LOST
                ? List.of("device: lost; replace this process")
                : List.of();
    }

    private static List<String> storeProblems(S3ObjectStore store) {
        try {
            boolean _ = store.get("readiness").isPresent();
            return List.of();
        } catch (StoreUnavailableException | StoreRefusedException e) {
            return List.of("storage: " + e.getMessage());
        }
    }

    private static List<String> brokerProblems(KafkaAccess kafka) {
        try {
            return SelfCheck.run(kafka, ANSWER);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of("broker: not asked, the worker is ending");
        }
    }

    private void become(WorkerStatus.State next) {
        state = next;
        tell();
    }

    /// Publishes the worker's status.
    private void tell() {
        events.offer(
                new WorkerStatus(
                        id(),
                        Instant.now(),
                        config.topics().lane(),
                        device,
                        models.loaded(),
                        config.process().slots(),
                        slots.busy(),
                        state));
    }

    /// Ends the worker when its device is lost.
    private final class Loss implements LaneObserver {
        @Override
        public void ran(RunRecord run) {}

        @Override
        public void stalled(Duration time) {}

        @Override
        public void lost(Throwable cause) {
            LOG.error("The device is lost; this process has to be replaced", cause);
            readiness.lacks("device", "is lost; replace this process");
            end.complete(End.DEVICE_LOST);
        }
    }
}
