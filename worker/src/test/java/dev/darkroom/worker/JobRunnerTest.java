package dev.darkroom.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.codec.EventCodec;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.codec.ManifestCodec;
import dev.darkroom.protocol.codec.Message;
import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.Command.Cancel;
import dev.darkroom.protocol.event.InputDigest;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Cancelled;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Failed;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.JobEvent.Started;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.event.WorkerStatus;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.HandBacks;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobEnvelope;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.worker.config.WorkerConfig.LimitsConfig;
import dev.darkroom.worker.events.EventPublisher;
import dev.darkroom.worker.input.HttpsSource;
import dev.darkroom.worker.input.InputRules;
import dev.darkroom.worker.input.Inputs;
import dev.darkroom.worker.job.Admission;
import dev.darkroom.worker.job.Alarms;
import dev.darkroom.worker.job.CancelOrders;
import dev.darkroom.worker.job.JobObserver;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.pipeline.GuidePictures;
import dev.darkroom.worker.storage.Artifacts;
import dev.darkroom.worker.storage.ObjectReader;
import dev.darkroom.worker.storage.Patience;
import dev.darkroom.worker.storage.StoreUnavailableException;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class JobRunnerTest {
    private static final Media.Withheld EMPTY =
            Media.Withheld.degenerate("is empty, whatever was tried");
    private static final Media.Withheld FILTERED =
            new Media.Withheld(FailureCode.CONTENT_FILTERED, "was refused");

    private static final JobId ID = new JobId("job-1");
    private static final InputRules INPUTS =
            new InputRules(
                    Set.of("pictures"),
                    List.of(),
                    List.of(),
                    new InputRules.Sizes(1000, 64, 4096),
                    new InputRules.Times(Duration.ofSeconds(1), Duration.ofSeconds(1)));

    private final MemoryStore store = new MemoryStore();
    private final SketchStudio studio = new SketchStudio();
    private final Heard heard = new Heard();
    private final Orders orders = new Orders();
    private final Counted counted = new Counted();
    private final Alarms alarms = new Alarms(Clock.systemUTC());
    private final Map<String, byte[]> inputs = new ConcurrentHashMap<>();
    private volatile ObjectReader reader = (_, key, _) -> Optional.ofNullable(inputs.get(key));
    private final HttpsSource https = HttpsSource.open(Duration.ofSeconds(1));
    private final ExecutorService slots = Executors.newVirtualThreadPerTaskExecutor();
    private final JobRunner runner =
            new JobRunner(
                    new JobRunner.Rules(
                            new JobRunner.Identity("worker-1", "Darkroom"),
                            new Admission(new LimitsConfig(20, 64, 4096, 50, 4), INPUTS),
                            new JobRunner.Deliveries(4, Duration.ZERO),
                            4,
                            new JobRunner.Telling(Duration.ZERO, true, OutcomeLine.Prompts.HIDDEN)),
                    new JobRunner.Workplace(studio, inputs(), Runnable::run),
                    new JobRunner.Outlets(
                            new Artifacts(store, "fleet/"), patience(), heard, counted),
                    new JobRunner.Signals(orders, alarms, Clock.systemUTC()));

    @AfterEach
    void end() {
        slots.shutdownNow();
        alarms.close();
        https.close();
    }

    @Test
    void bringsAJobFromItsRecordToItsOutputsItsManifestAndItsEvents() throws Exception {
        TestLease lease = run(record("\"count\": 2, \"seed\": 7"));

        Completed completed = (Completed) onlyTerminal();
        assertThat(completed.artifacts())
                .extracting(Artifact::seed)
                .containsExactly(new Seed(7), new Seed(8));
        assertThat(completed.artifacts())
                .allSatisfy(artifact -> {
                    Artifact.StoredObject object = ((Artifact.Stored) artifact).object();
                    String key = object.uri().substring("s3://bucket/".length());
                    assertThat(key).startsWith("fleet/job-1/");
                    assertThat(store.objects.get(key)).hasSize((int) object.bytes());
                });
        assertThat(completed.manifest()).isEqualTo("s3://bucket/fleet/job-1/manifest.json");
        assertThat(completed.cost().stages()).containsKeys(Stage.LOAD, Stage.DENOISE, Stage.UPLOAD);
        assertThat(completed.cost().deviceSeconds()).isEqualTo(0.25);
        assertThat(manifest().terminal()).isEqualTo(completed);
        assertThat(Objects.requireNonNull(manifest().recipe()).job().spec().sampling().steps())
                .isEqualTo(3);
        Started started = (Started) heard.published.getFirst();
        assertThat(started.device()).isEqualTo("pencil");
        assertThat(started.parameters().sampling().steps()).isEqualTo(3);
        assertThat(started.warnings()).containsExactly("a sketch");
        assertThat(lease.settled()).isEqualTo("accepted");
        assertThat(counted.ended).containsExactly("Completed");
    }

    @ParameterizedTest
    @CsvSource({"png, image/png, png", "jpeg, image/jpeg, jpg", "webp, image/webp, webp"})
    void deliversTheFormatThatTheJobAsksFor(String format, String mediaType, String extension)
            throws Exception {
        run(envelope("", "\"output\": {\"format\": \"" + format + "\"},"));

        Completed completed = (Completed) onlyTerminal();
        Artifact.Stored artifact = (Artifact.Stored) completed.artifacts().getFirst();
        assertThat(artifact.object().mediaType()).isEqualTo(mediaType);
        assertThat(artifact.object().uri()).endsWith("/output-0." + extension);
        assertThat(artifact.object().sha256()).hasSize(64);
        assertThat(artifact.dimensions().width()).isEqualTo(artifact.dimensions().height());
        assertThat(artifact.dimensions().width()).isPositive();
    }

    @Test
    void tellsProgressThatNeverFallsAndEndsAtOneBeforeTheTerminalEvent() throws Exception {
        run(record(""));

        List<Progress> told = heard.progress;
        assertThat(told).extracting(Progress::fraction).isSorted().last().isEqualTo(1.0);
        assertThat(told).extracting(progress -> progress.header().sequence()).isSorted();
        assertThat(told).anySatisfy(progress -> assertThat(progress.preview()).isNotNull());
        assertThat(told.getLast().header().sequence())
                .isLessThan(onlyTerminal().header().sequence());
    }

    @Test
    void givesEveryEventAnIdOfItsOwnThoughAWorkerDiedAndTheNextOneCountsAnew() throws Exception {
        TestLease first = new TestLease(record(""), 1);
        studio.atStep = (_, _) -> first.lose();
        run(first);
        studio.atStep = (_, _) -> {};

        run(new TestLease(record(""), 2));

        assertThat(heard.published).hasSize(3);
        assertThat(heard.published).extracting(EventCodec::id).doesNotHaveDuplicates();
        assertThat(heard.progress).extracting(EventCodec::id).doesNotHaveDuplicates();
        assertThat(EventCodec.id(heard.published.get(2))).isEqualTo("job-1/terminal");
    }

    @Test
    void storesOutputsUnderTheRunThatItsEventsName() throws Exception {
        run(record(""));

        Completed completed = (Completed) onlyTerminal();
        assertThat(((Artifact.Stored) completed.artifacts().getFirst()).object().uri())
                .isEqualTo("s3://bucket/fleet/job-1/" + completed.header().run() + "/output-0.png");
    }

    @Test
    void carriesTheTraceOfTheJobInEveryEvent() throws Exception {
        String trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        byte[] record =
                JobCodec.encode(new JobEnvelope(job(record("")), List.of(), HandBacks.NONE, trace));

        run(record);

        List<JobEvent> all = new ArrayList<>(heard.published);
        all.addAll(heard.progress);
        assertThat(all).hasSizeGreaterThan(3);
        assertThat(all)
                .allSatisfy(event ->
                        assertThat(EventCodec.encode(event).headers())
                                .containsEntry("ce_traceparent", trace));
    }

    @Test
    void drawsTheSameSeedInEveryAttemptOfAJobThatNamesNone() throws Exception {
        run(record(""));

        assertThat(((Completed) onlyTerminal()).artifacts().getFirst().seed())
                .isEqualTo(Seed.derivedFrom(ID));
    }

    @Test
    void repeatsTheStoredOutcomeByteForByteWithoutComputing() throws Exception {
        run(record(""));
        Message first = EventCodec.encode(onlyTerminal());
        heard.published.clear();

        TestLease again = run(record(""));

        Message second = EventCodec.encode(onlyTerminal());
        assertThat(second.headers()).isEqualTo(first.headers());
        assertThat(second.value()).isEqualTo(first.value());
        assertThat(studio.sittings).hasValue(1);
        assertThat(again.settled()).isEqualTo("accepted");
        assertThat(counted.events).contains("repeated").doesNotContain("contradicted");
    }

    @Test
    void givesTheFirstOutcomeToAnotherBodyOfTheSameId() throws Exception {
        run(record("\"seed\": 1"));
        heard.published.clear();

        run(record("\"seed\": 2"));

        assertThat(((Completed) onlyTerminal()).artifacts().getFirst().seed())
                .isEqualTo(new Seed(1));
        assertThat(studio.sittings).hasValue(1);
        assertThat(counted.events).contains("contradicted");
    }

    @Test
    void failsARecordThatIsNoJobUnderTheNameOfItsPlace() throws Exception {
        TestLease lease = run("not JSON".getBytes(StandardCharsets.UTF_8));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.header().job()).isEqualTo(new JobId("invalid-darkroom.jobs-3-4711"));
        assertThat(failed.failure().code()).isEqualTo(FailureCode.INVALID_JOB);
        assertThat(store.objects).containsKey("fleet/invalid-darkroom.jobs-3-4711/manifest.json");
        assertThat(lease.settled()).isEqualTo("accepted");
    }

    @Test
    void failsAJobWithAnUnknownFieldUnderItsOwnId() throws Exception {
        run(record("\"stepz\": 5"));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.header().job()).isEqualTo(ID);
        assertThat(failed.failure().code()).isEqualTo(FailureCode.INVALID_JOB);
        assertThat(failed.failure().message()).contains("stepz").contains("steps");
    }

    @Test
    void refusesWithEveryViolationOfConfigurationAndModelAtOnce() throws Exception {
        run(record("\"width\": 63, \"steps\": 51, \"count\": 5", "a prompt that is far too long"));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.failure().code()).isEqualTo(FailureCode.UNSUPPORTED_PARAMETER);
        assertThat(failed.failure().violations())
                .extracting(Violation::field)
                .containsExactlyInAnyOrder("spec.width", "spec.steps", "spec.count", "spec.prompt");
        assertThat(failed.failure().message()).doesNotContain("far too long");
        assertThat(heard.published).hasSize(1);
    }

    @Test
    void loadsNoModelForAJobThatItRefuses() throws Exception {
        run(record("\"width\": 63"));

        assertThat(onlyTerminal()).isInstanceOf(Failed.class);
        assertThat(studio.sittings).hasValue(0);
    }

    @Test
    void namesAnUnknownModelAndEverythingElseThatIsWrong() throws Exception {
        run(
                new String(record("\"steps\": 51"), StandardCharsets.UTF_8)
                        .replace("\"sketch\"", "\"sketsh\"")
                        .getBytes(StandardCharsets.UTF_8));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.failure().code()).isEqualTo(FailureCode.UNKNOWN_MODEL);
        assertThat(failed.failure().violations())
                .extracting(Violation::field)
                .containsExactly("model", "spec.steps");
    }

    @Test
    void handsOnAJobOfANewerFormatWithoutTouchingIt() throws Exception {
        TestLease lease =
                run(
                        """
                        {"specVersion": 2, "id": "job-1", "newThing": true}
                        """
                                .getBytes(StandardCharsets.UTF_8));

        assertThat(lease.settled()).isEqualTo("released");
        assertThat(heard.published).isEmpty();
        assertThat(store.objects).isEmpty();
        assertThat(counted.events).containsExactly("set aside");
    }

    @Test
    void setsARecordAsideWhoseStoredOutcomeCannotBeRead() throws Exception {
        store.putIfAbsent("fleet/job-1/manifest.json", new byte[] {'?'}, "text/plain");

        TestLease lease = run(record(""));

        assertThat(lease.settled()).isEqualTo("released");
        assertThat(heard.published).isEmpty();
        assertThat(studio.sittings).hasValue(0);
        assertThat(counted.events).containsExactly("set aside");
    }

    @Test
    void setsARecordAsideWhenSomethingElseTookItsOutcomesPlaceMeanwhile() throws Exception {
        studio.atStep =
                (_, _) -> {
                    boolean _ =
                            store.putIfAbsent(
                                    "fleet/job-1/manifest.json", new byte[] {'?'}, "text/plain");
                };

        TestLease lease = run(record(""));

        assertThat(lease.settled()).isEqualTo("released");
        assertThat(heard.published).hasOnlyElementsOfType(Started.class);
        assertThat(counted.ended).isEmpty();
    }

    @Test
    void setsARecordAsideWhoseOutcomeNoRecordCanHold() throws Exception {
        heard.refusing = JobEvent.Terminal.class;

        TestLease lease = run(record(""));

        assertThat(lease.settled()).isEqualTo("released");
        assertThat(counted.events).containsExactly("set aside");
    }

    @Test
    void refusesInputsThatLieWhereNoneMayLie() throws Exception {
        run(
                record(
                        "\"init\": {\"uri\": \"https://host/cat.png\"}, \"mask\": {\"uri\":"
                                + " \"s3://other/mask.png\"}"));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.failure().code()).isEqualTo(FailureCode.INPUT_REJECTED);
        assertThat(failed.failure().violations())
                .extracting(Violation::field)
                .containsExactly("spec.init.uri", "spec.mask.uri");
        assertThat(studio.sittings).hasValue(0);
    }

    @Test
    void cancelsAJobAtTheStepItHasReached() throws Exception {
        studio.atStep =
                (_, step) -> {
                    if (step == 2) {
                        orders.cancel(ID, "changed my mind");
                    }
                };
        TestLease lease = run(record(""));

        Cancelled cancelled = (Cancelled) onlyTerminal();
        assertThat(cancelled.reason()).isEqualTo("changed my mind");
        assertThat(cancelled.step()).isEqualTo(1);
        assertThat(cancelled.steps()).isEqualTo(3);
        assertThat(manifest().terminal()).isEqualTo(cancelled);
        assertThat(lease.settled()).isEqualTo("accepted");
    }

    @Test
    void neverBeginsAJobThatWasCancelledBefore() throws Exception {
        orders.cancel(ID, "too late");

        run(record(""));

        assertThat(onlyTerminal()).isInstanceOf(Cancelled.class);
        assertThat(studio.sittings).hasValue(0);
    }

    @Test
    void neverBeginsAJobPastItsDeadline() throws Exception {
        run(envelope("", "\"deadline\": \"2020-01-01T00:00:00Z\","));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.failure().code()).isEqualTo(FailureCode.DEADLINE_PASSED);
        assertThat(studio.sittings).hasValue(0);
    }

    @Test
    void stopsAJobWhenItsDeadlinePasses() throws Exception {
        CountDownLatch stepped = new CountDownLatch(1);
        Instant deadline = Instant.now().plusSeconds(2);
        studio.atStep =
                (_, _) -> {
                    stepped.countDown();
                    studio.stopped.await();
                };

        run(envelope("", "\"deadline\": \"" + deadline + "\","));

        assertThat(stepped.getCount()).isZero();
        assertThat(((Failed) onlyTerminal()).failure().code())
                .isEqualTo(FailureCode.DEADLINE_PASSED);
    }

    @Test
    void saysNothingOfAJobWhoseLockIsLost() throws Exception {
        TestLease lease = new TestLease(record(""), 1);
        studio.atStep = (_, _) -> lease.lose();

        run(lease);

        assertThat(heard.published).hasOnlyElementsOfType(Started.class);
        assertThat(store.objects).isEmpty();
        assertThat(lease.settled()).isEmpty();
        assertThat(counted.events).contains("abandoned");
    }

    @Test
    void leavesRunningJobsToOthersWhenTheWorkerEnds() throws Exception {
        studio.atStep = (_, _) -> runner.drain();

        TestLease lease = run(record(""));

        assertThat(heard.published).hasOnlyElementsOfType(Started.class);
        assertThat(lease.settled()).isEmpty();
    }

    @Test
    void blamesNoJobForWhatFailsAroundItWhenTheWorkerEnds() throws Exception {
        studio.atStep =
                (_, _) -> {
                    runner.drain();
                    throw new IllegalStateException("the pool is shut down");
                };

        TestLease lease = run(record(""));

        assertThat(store.objects).isEmpty();
        assertThat(heard.published).hasOnlyElementsOfType(Started.class);
        assertThat(lease.settled()).isEmpty();
        assertThat(counted.events).containsExactly("abandoned");
    }

    @Test
    void waitsNoLongerForAStoreThatRefusesTheOutputsOfACancelledJob() throws Exception {
        store.refuse("/output-0.png");
        Future<?> running = start(new TestLease(record(""), 1));
        store.awaitRefusal();

        orders.cancel(ID, "enough");
        running.get(10, TimeUnit.SECONDS);

        assertThat(((Cancelled) onlyTerminal()).reason()).isEqualTo("enough");
        assertThat(store.objects).containsOnlyKeys("fleet/job-1/manifest.json");
    }

    @Test
    void knowsItsOwnOutcomeAgainWhenTheAnswerToItsWriteWasLost() throws Exception {
        store.loseAnAnswer();

        run(record("\"count\": 2"));

        assertThat(onlyTerminal()).isInstanceOf(Completed.class);
        assertThat(counted.ended).containsExactly("Completed");
        assertThat(counted.events).isEmpty();
    }

    @Test
    void makesAnOutcomeOfErrorsNobodyThoughtOf() throws Exception {
        studio.atStep =
                (_, _) -> {
                    throw new OutOfMemoryError("heap");
                };

        TestLease lease = run(record(""));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.failure().code()).isEqualTo(FailureCode.BUG);
        assertThat(failed.failure().message()).contains("java.lang.OutOfMemoryError: heap");
        assertThat(lease.settled()).isEqualTo("accepted");
        assertThat(studio.open).isEmpty();
    }

    @Test
    void givesUpARecordThatWasDeliveredTooOften() throws Exception {
        run(new TestLease(record(""), 5));

        assertThat(((Failed) onlyTerminal()).failure().code())
                .isEqualTo(FailureCode.DELIVERY_EXHAUSTED);
        assertThat(studio.sittings).hasValue(0);
    }

    @Test
    void withholdsEachOutputForItsOwnReasonAndDeliversTheOthers() throws Exception {
        studio.withheld = Map.of(1, EMPTY, 3, FILTERED);

        run(record("\"count\": 4"));

        List<Artifact> artifacts = ((Completed) onlyTerminal()).artifacts();
        assertThat(artifacts).extracting(Artifact::index).containsExactly(0, 1, 2, 3);
        assertThat(artifacts.get(0)).isInstanceOf(Artifact.Stored.class);
        assertThat(artifacts.get(1))
                .isInstanceOfSatisfying(
                        Artifact.Withheld.class,
                        output -> {
                            assertThat(output.code()).isEqualTo(FailureCode.DEGENERATE_OUTPUT);
                            assertThat(output.reason()).isEqualTo("is empty, whatever was tried");
                        });
        assertThat(artifacts.get(2)).isInstanceOf(Artifact.Stored.class);
        assertThat(artifacts.get(3))
                .isInstanceOfSatisfying(
                        Artifact.Withheld.class,
                        output -> {
                            assertThat(output.code()).isEqualTo(FailureCode.CONTENT_FILTERED);
                            assertThat(output.reason()).isEqualTo("was refused");
                        });
    }

    @Test
    void failsWhenEveryOutputHoldsNothing() throws Exception {
        studio.withheld = Map.of(0, EMPTY);

        run(record(""));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.failure().code()).isEqualTo(FailureCode.DEGENERATE_OUTPUT);
        assertThat(failed.failure().message()).endsWith("output 0 is empty, whatever was tried");
    }

    @Test
    void failsWhenEveryOutputWasFiltered() throws Exception {
        studio.withheld = Map.of(0, FILTERED, 1, FILTERED);

        run(record("\"count\": 2"));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.failure().code()).isEqualTo(FailureCode.CONTENT_FILTERED);
        assertThat(failed.failure().message())
                .endsWith("output 0 was refused; output 1 was refused");
    }

    @Test
    void waitsForAStoreThatIsAwayAndKeepsTheFinishedWork() throws Exception {
        studio.atStep =
                (_, step) -> {
                    if (step == 3) {
                        store.goAway();
                    }
                };
        Future<?> running = start(new TestLease(record(""), 1));
        store.awaitRefusal();
        assertThat(heard.published).hasOnlyElementsOfType(Started.class);

        store.comeBack();
        running.get(10, TimeUnit.SECONDS);

        assertThat(onlyTerminal()).isInstanceOf(Completed.class);
        assertThat(studio.sittings).hasValue(1);
    }

    @Test
    void publishesTheOutcomeThatWasCommittedFirst() throws Exception {
        Failed theirs = other();
        studio.atStep =
                (_, step) -> {
                    if (step == 3) {
                        store.putIfAbsent(
                                "fleet/job-1/manifest.json",
                                ManifestCodec.encode(
                                        new Manifest(JobCodec.digest(job(record(""))), theirs)),
                                "application/json");
                    }
                };

        run(record(""));

        assertThat(onlyTerminal()).isEqualTo(theirs);
        assertThat(counted.ended).isEmpty();
        assertThat(counted.events).contains("repeated");
    }

    @Test
    void runsARecordAloneFromItsThirdDeliveryOn() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        studio.atStep =
                (_, _) -> {
                    first.countDown();
                    go.await();
                };
        Future<?> ordinary = start(new TestLease(record(""), 1));
        first.await();
        byte[] suspect =
                new String(record(""), StandardCharsets.UTF_8)
                        .replace("job-1", "job-2")
                        .getBytes(StandardCharsets.UTF_8);
        Future<?> alone = start(new TestLease(suspect, 3));
        go.countDown();
        ordinary.get(10, TimeUnit.SECONDS);
        alone.get(10, TimeUnit.SECONDS);

        assertThat(studio.sittings).hasValue(2);
        assertThat(studio.most).hasValue(1);
    }

    @Test
    void bringsThePicturesThatAJobNamesToItsSize() throws Exception {
        inputs.put("from.png", png(8, 6));
        inputs.put("where.png", png(4, 4));

        run(
                record(
                        """
                        "init": {"uri": "s3://pictures/from.png"},
                        "mask": {"uri": "s3://pictures/where.png"},
                        "control": [{"model": "default",
                                     "image": {"uri": "s3://pictures/from.png"}}]
                        """));

        assertThat(onlyTerminal()).isInstanceOf(Completed.class);
        GuidePictures guides = studio.guides;
        Shape colours = Shape.of(1, 3, SketchStudio.SIDE, SketchStudio.SIDE);
        assertThat(Objects.requireNonNull(guides.init()).shape()).isEqualTo(colours);
        assertThat(Objects.requireNonNull(guides.mask()).shape())
                .isEqualTo(Shape.of(1, 1, SketchStudio.SIDE, SketchStudio.SIDE));
        assertThat(guides.control()).extracting(FloatTensor::shape).containsExactly(colours);
    }

    @Test
    void saysInItsStartAndItsManifestWhatEveryPictureWas() throws Exception {
        inputs.put("from.png", png(8, 6));
        inputs.put("where.png", png(4, 4));

        run(
                record(
                        """
                        "init": {"uri": "s3://pictures/from.png"},
                        "mask": {"uri": "s3://pictures/where.png"},
                        "control": [{"model": "default",
                                     "image": {"uri": "s3://pictures/from.png"}}]
                        """));

        List<InputDigest> digests =
                List.of(
                        new InputDigest("spec.init.uri", sha256("from.png")),
                        new InputDigest("spec.mask.uri", sha256("where.png")),
                        new InputDigest("spec.control[0].image.uri", sha256("from.png")));
        assertThat(((Started) heard.published.getFirst()).inputs()).isEqualTo(digests);
        assertThat(Objects.requireNonNull(manifest().recipe()).inputs()).isEqualTo(digests);
    }

    private String sha256(String name) throws NoSuchAlgorithmException {
        byte[] file = Objects.requireNonNull(inputs.get(name));
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file));
    }

    @Test
    void failsAJobWhosePicturesAreNotThereBeforeItsModelIsLoaded() throws Exception {
        run(
                record(
                        """
                        "init": {"uri": "s3://pictures/none.png"},
                        "mask": {"uri": "s3://pictures/nor-this.png"}
                        """));

        Failed failed = (Failed) onlyTerminal();
        assertThat(failed.failure().code()).isEqualTo(FailureCode.INPUT_NOT_FOUND);
        assertThat(failed.failure().violations())
                .extracting(Violation::field)
                .containsExactly("spec.init.uri", "spec.mask.uri");
        assertThat(studio.sittings).hasValue(0);
    }

    @Test
    void cancelsAJobThatWaitsForTheStoreOfItsPictures() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        reader =
                (_, _, _) -> {
                    asked.countDown();
                    throw new StoreUnavailableException(
                            "away", new IllegalStateException("for the test"));
                };
        Future<?> waiting =
                start(new TestLease(record("\"init\": {\"uri\": \"s3://pictures/a.png\"}"), 1));
        asked.await();

        orders.cancel(ID, "changed my mind");

        waiting.get(10, TimeUnit.SECONDS);
        assertThat(((Cancelled) onlyTerminal()).reason()).isEqualTo("changed my mind");
        assertThat(studio.sittings).hasValue(0);
    }

    private Inputs inputs() {
        return new Inputs(
                INPUTS,
                new Inputs.Sources((bucket, key, most) -> reader.read(bucket, key, most), https),
                patience(),
                Clock.systemUTC(),
                Runnable::run);
    }

    private static Patience patience() {
        return new Patience(
                Duration.ofMillis(1), Duration.ofMillis(5), Thread::sleep, new Random(1));
    }

    private static byte[] png(int width, int height) throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", file);
        return file.toByteArray();
    }

    private static byte[] record(String spec) {
        return record(spec, "a cat");
    }

    private static byte[] record(String spec, String prompt) {
        return envelope("\"prompt\": \"" + prompt + "\"" + (spec.isEmpty() ? "" : ", ") + spec, "");
    }

    private static byte[] envelope(String spec, String more) {
        return """
        {"specVersion": 1, "id": "job-1", "model": "sketch", %s
         "spec": {"kind": "image"%s}}
        """
                .formatted(more, spec.isEmpty() ? "" : ", " + spec)
                .getBytes(StandardCharsets.UTF_8);
    }

    private static Job job(byte[] record) {
        JobEnvelope envelope = JobCodec.decode(record);
        return envelope.job();
    }

    private static Failed other() {
        return new Failed(
                new dev.darkroom.protocol.event.EventHeader(
                        ID, 1, 0, new RunId("r1"), 9, "worker-2", Instant.EPOCH, Map.of(), null),
                dev.darkroom.protocol.failure.Failure.of(FailureCode.BUG, "theirs"));
    }

    private TestLease run(byte[] value) throws Exception {
        return run(new TestLease(value, 1));
    }

    private TestLease run(TestLease lease) throws Exception {
        start(lease).get(20, TimeUnit.SECONDS);
        return lease;
    }

    private Future<?> start(TestLease lease) {
        return slots.submit(() -> {
            runner.run(lease);
            return true;
        });
    }

    private Manifest manifest() {
        return ManifestCodec.decode(
                Objects.requireNonNull(store.objects.get("fleet/job-1/manifest.json")));
    }

    private JobEvent.Terminal onlyTerminal() {
        List<JobEvent> terminal =
                heard.published.stream().filter(JobEvent.Terminal.class::isInstance).toList();
        assertThat(terminal).hasSize(1);
        return (JobEvent.Terminal) terminal.getFirst();
    }

    /// Events as they were said.
    private static final class Heard implements EventPublisher {
        final List<JobEvent> published = new CopyOnWriteArrayList<>();
        final List<Progress> progress = new CopyOnWriteArrayList<>();

        volatile Class<?> refusing = Void.class;

        @Override
        public void publish(JobEvent event) {
            if (refusing.isInstance(event)) {
                throw new IllegalArgumentException("larger than a record may be");
            }
            published.add(event);
        }

        @Override
        public void offer(Progress event) {
            progress.add(event);
        }

        @Override
        public void offer(WorkerStatus status) {}

        @Override
        public void close() {}
    }

    /// Cancel commands.
    private static final class Orders implements CancelOrders {
        private final Map<JobId, Cancel> given = new ConcurrentHashMap<>();
        private final Map<JobId, Consumer<Cancel>> watched = new ConcurrentHashMap<>();

        void cancel(JobId job, String reason) {
            Cancel order = new Cancel(job, reason);
            given.put(job, order);
            Optional.ofNullable(watched.get(job)).ifPresent(action -> action.accept(order));
        }

        @Override
        public Watch watch(JobId job, Consumer<Cancel> action) {
            watched.put(job, action);
            Optional.ofNullable(given.get(job)).ifPresent(action);
            return () -> watched.remove(job);
        }
    }

    /// What metrics would be told.
    private static final class Counted implements JobObserver {
        final List<String> ended = new CopyOnWriteArrayList<>();
        final List<String> events = new CopyOnWriteArrayList<>();

        @Override
        public void ended(JobEvent.Terminal terminal) {
            ended.add(terminal.getClass().getSimpleName());
        }

        @Override
        public void repeated() {
            events.add("repeated");
        }

        @Override
        public void contradicted() {
            events.add("contradicted");
        }

        @Override
        public void stageTook(Stage stage, Duration time) {}

        @Override
        public void stepTook(Duration time) {}

        @Override
        public void progressFailed() {
            events.add("progress failed");
        }

        @Override
        public void abandoned() {
            events.add("abandoned");
        }

        @Override
        public void setAside() {
            events.add("set aside");
        }
    }
}
