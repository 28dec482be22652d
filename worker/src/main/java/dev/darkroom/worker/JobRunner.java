package dev.darkroom.worker;

import dev.darkroom.protocol.codec.NewerSpecVersionException;
import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.Cost;
import dev.darkroom.protocol.event.InputDigest;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Terminal;
import dev.darkroom.protocol.event.Manifest;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.failure.Category;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.device.StoppedException;
import dev.darkroom.worker.events.EventPublisher;
import dev.darkroom.worker.input.InputPictures;
import dev.darkroom.worker.input.Inputs;
import dev.darkroom.worker.intake.Lease;
import dev.darkroom.worker.intake.LockLostException;
import dev.darkroom.worker.job.Admission;
import dev.darkroom.worker.job.Alarms;
import dev.darkroom.worker.job.CancelOrders;
import dev.darkroom.worker.job.Company;
import dev.darkroom.worker.job.JobControl;
import dev.darkroom.worker.job.JobObserver;
import dev.darkroom.worker.job.JobSlots;
import dev.darkroom.worker.job.ProgressReporter;
import dev.darkroom.worker.job.Stop;
import dev.darkroom.worker.media.Encoded;
import dev.darkroom.worker.media.Encoders;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.media.Provenance;
import dev.darkroom.worker.pipeline.GuidePictures;
import dev.darkroom.worker.pipeline.Pipeline.Prepared;
import dev.darkroom.worker.storage.Artifacts;
import dev.darkroom.worker.storage.Patience;
import dev.darkroom.worker.storage.Run;
import dev.darkroom.worker.storage.StoreRefusedException;
import dev.darkroom.worker.storage.StoreUnavailableException;
import dev.darkroom.worker.storage.UnreadableManifestException;
import dev.darkroom.worker.telemetry.LogKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// The straight path of a job: the only class that knows the order of its stages. One instance
/// serves all slots; a call of [#run] is one delivery, on its slot's virtual thread.
///
/// A job ends here in exactly one of two ways: its outcome is in its manifest, published and
/// acknowledged; or another worker makes the outcome, because the lock was lost, this worker ends,
/// or it can do nothing with the record, and then no outcome is published here.
final class JobRunner implements JobSlots.Work {
    private static final Logger LOG = LoggerFactory.getLogger(JobRunner.class);

    /// From this delivery on, a job runs alone: the two before ended with their workers.
    private static final int SUSPICIOUS_DELIVERIES = 3;

    private final Rules rules;
    private final Workplace workplace;
    private final Outlets outlets;
    private final Signals signals;
    private final Company company;
    private final Set<JobControl> inHand = ConcurrentHashMap.newKeySet();
    private volatile boolean draining;

    /// What holds for every job.
    ///
    /// @param identity who does it
    /// @param admission what jobs may ask for
    /// @param deliveries how often a record may come
    /// @param slots jobs in hand at most
    /// @param telling how progress is told
    record Rules(
            Identity identity,
            Admission admission,
            Deliveries deliveries,
            int slots,
            Telling telling) {}

    /// Who does it.
    ///
    /// @param worker this worker's id
    /// @param software program and version, for provenance
    record Identity(String worker, String software) {}

    /// How often a record may come, and how long one that nothing can be done with is held.
    ///
    /// @param most deliveries of a record after which its job is not run any more
    /// @param handOn how long a record that this worker can bring to no end is held before its
    ///   release
    record Deliveries(int most, Duration handOn) {}

    /// How progress is told.
    ///
    /// @param least shortest time between two progress events of a job
    /// @param previews whether previews are made
    /// @param prompts whether prompts are logged
    record Telling(Duration least, boolean previews, OutcomeLine.Prompts prompts) {}

    /// Where a job is worked on.
    ///
    /// @param studio where media are made
    /// @param inputs brings the pictures that jobs name
    /// @param media the threads that resize and encode
    record Workplace(Studio studio, Inputs inputs, Executor media) {}

    /// Where results go.
    ///
    /// @param store outputs and outcomes
    /// @param patience how the store is waited for
    /// @param events events
    /// @param observer metrics
    record Outlets(
            Artifacts store, Patience patience, EventPublisher events, JobObserver observer) {}

    /// What may stop a job, and by which clock.
    ///
    /// @param cancels cancel commands
    /// @param alarms deadlines
    /// @param clock the time
    record Signals(CancelOrders cancels, Alarms alarms, Clock clock) {}

    /// A runner.
    JobRunner(Rules rules, Workplace workplace, Outlets outlets, Signals signals) {
        this.rules = rules;
        this.workplace = workplace;
        this.outlets = outlets;
        this.signals = signals;
        this.company = new Company(rules.slots());
    }

    /// Brings a delivery to its end and acknowledges it.
    @Override
    public void run(Lease lease) throws InterruptedException {
        Delivery delivery;
        try {
            delivery = Delivery.of(lease, rules.identity().worker(), signals.clock());
        } catch (NewerSpecVersionException e) {
            LOG.warn("{} is handed on: {}", lease.origin(), e.getMessage());
            setAside(lease);
            return;
        }
        MDC.put(LogKey.JOB, delivery.id().value());
        try (InHand _ = new InHand(delivery)) {
            Terminal outcome = outcome(delivery);
            outlets.events().publish(outcome);
            lease.accept();
        } catch (StoppedException e) {
            abandon(delivery, e);
        } catch (LockLostException e) {
            LOG.info("{}; its next delivery repeats the same outcome", e.getMessage());
        } catch (UnreadableManifestException e) {
            LOG.error("has no outcome that could be told: {}", e.getMessage());
            setAside(lease);
        } catch (RuntimeException | Error e) {
            LOG.error("has no outcome that could be told; {} is set aside", lease.origin(), e);
            setAside(lease);
        } finally {
            MDC.remove(LogKey.JOB);
        }
    }

    /// Stops every job in hand, now and from now on: other workers will make their outcomes.
    void drain() {
        draining = true;
        inHand.forEach(control -> control.stop(new Stop.Draining()));
    }

    /// The job's one outcome, committed.
    ///
    /// @throws StoppedException when another worker makes it
    private Terminal outcome(Delivery delivery) throws InterruptedException {
        Artifacts store = outlets.store();
        Optional<Manifest> ended = patiently(delivery, () -> store.manifest(delivery.id()));
        if (ended.isPresent()) {
            return repeat(delivery, ended.get());
        }
        Manifest mine = attempt(delivery);
        Manifest winner = patiently(delivery, () -> store.commit(delivery.id(), mine));
        if (!winner.equals(mine)) {
            return repeat(delivery, winner);
        }
        outlets.observer().ended(mine.terminal());
        return mine.terminal();
    }

    /// Tries the job; whatever happens on the way becomes its outcome, logged once and here.
    private Manifest attempt(Delivery delivery) throws InterruptedException {
        ProgressReporter progress = reporter(delivery);
        try {
            return make(delivery, progress);
        } catch (StoppedException e) {
            return stopped(delivery, progress, e);
        } catch (FailureException e) {
            leaveIfGone(delivery, e);
            Failure failure = e.failure();
            if (failure.code().category() == Category.INTERNAL) {
                LOG.error("failed with {}", OutcomeLine.of(failure, rules.telling().prompts()), e);
            } else {
                LOG.info("failed with {}", OutcomeLine.of(failure, rules.telling().prompts()));
            }
            return failed(delivery, progress, failure);
        } catch (RuntimeException | Error e) {
            leaveIfGone(delivery, e);
            LOG.error("failed with {}", FailureCode.BUG, e);
            String message = "the worker has an error of its own: " + e;
            return failed(delivery, progress, Failure.of(FailureCode.BUG, message));
        } finally {
            progress.times().forEach(outlets.observer()::stageTook);
        }
    }

    /// What fails in a job that is no longer this worker's may fail only because this worker ends
    /// around it: that says nothing about the job.
    ///
    /// @throws StoppedException when the job's outcome is another worker's to make
    private static void leaveIfGone(Delivery delivery, Throwable failure) {
        if (delivery.control().gone()) {
            LOG.debug("Failed when it was no longer this worker's", failure);
            throw new StoppedException("an error on the way out: " + failure);
        }
    }

    /// The path itself.
    private Manifest make(Delivery delivery, ProgressReporter progress)
            throws InterruptedException {
        Job job = delivery.job();
        refuseExhausted(delivery);
        delivery.control().check("the start");
        Prepared prepared =
                rules.admission()
                        .admit(
                                job,
                                () -> workplace.studio().prepare(job.model(), Recipes.seeded(job)));
        progress.stage(Stage.LOAD, 1);
        Guided guided = guides(delivery, prepared.parameters());
        Media made;
        Provenance provenance;
        double deviceSeconds;
        try (Company.Stay _ = place(delivery);
                Studio.Sitting sitting = open(delivery)) {
            delivery.control().check("the loaded model");
            outlets.events().publish(started(delivery, sitting, prepared, guided.inputs()));
            if (job.progress().preview() && rules.telling().previews()) {
                sitting.preview().ifPresent(progress::showing);
            }
            made = sitting.generate(prepared, guided.pictures(), progress);
            deviceSeconds = sitting.deviceSeconds();
            provenance =
                    new Provenance(
                            rules.identity().software(),
                            job.model(),
                            sitting.modelDigest(),
                            prepared.parameters());
        }
        progress.stage(Stage.UPLOAD, 1);
        List<Encoded> files = encode(made, job, provenance);
        List<Artifact> artifacts = store(delivery, files, made.withheld(), prepared.parameters());
        progress.finish();
        progress.await();
        Completed completed =
                new Completed(
                        delivery.nextHeader(),
                        artifacts,
                        new Cost(progress.times(), deviceSeconds),
                        outlets.store().manifestUri(job.id()));
        LOG.info("completed {}", OutcomeLine.of(completed, job, rules.telling().prompts()));
        Job recipe = Recipes.filled(job, prepared.parameters());
        return new Manifest(
                delivery.digest(),
                new Manifest.Recipe(recipe, provenance.modelDigest(), guided.inputs()),
                completed);
    }

    private void refuseExhausted(Delivery delivery) {
        int deliveries = delivery.lease().deliveryCount();
        if (deliveries > rules.deliveries().most()) {
            throw new FailureException(
                    Failure.of(
                            FailureCode.DELIVERY_EXHAUSTED,
                            "delivered "
                                    + deliveries
                                    + " times without an end; after "
                                    + rules.deliveries().most()
                                    + " a job is not run any more, since it may be what ends the"
                                    + " workers"));
        }
    }

    /// Among others, or alone when earlier deliveries ended with their workers.
    private Company.Stay place(Delivery delivery) throws InterruptedException {
        return delivery.lease().deliveryCount() >= SUSPICIOUS_DELIVERIES
                ? company.alone()
                : company.join();
    }

    private Studio.Sitting open(Delivery delivery) throws InterruptedException {
        Job job = delivery.job();
        // A job that had to wait for its place may have been stopped by now.
        delivery.control().check("its place");
        return workplace.studio().open(job.id(), job.model(), delivery.control());
    }

    private JobEvent.Started started(
            Delivery delivery,
            Studio.Sitting sitting,
            Prepared prepared,
            List<InputDigest> inputs) {
        return new JobEvent.Started(
                delivery.nextHeader(),
                delivery.job().model(),
                workplace.studio().device(),
                sitting.modelDigest(),
                prepared.parameters(),
                inputs,
                prepared.warnings(),
                null);
    }

    /// What a job's inputs become; the pictures as they were fetched are not kept.
    ///
    /// @param pictures at the job's size
    /// @param inputs what the files were
    private record Guided(GuidePictures pictures, List<InputDigest> inputs) {
        Guided {
            inputs = List.copyOf(inputs);
        }
    }

    /// Brings the pictures that the job names to the job's size.
    ///
    /// @throws FailureException when one cannot be had
    /// @throws StoppedException when the job was stopped meanwhile
    private Guided guides(Delivery delivery, Spec parameters) throws InterruptedException {
        InputPictures inputs;
        try {
            inputs =
                    workplace
                            .inputs()
                            .resolve(parameters, () -> delivery.control().reason().isPresent());
        } catch (StoreUnavailableException e) {
            throw new StoppedException("an input, whose store is away: " + e.getMessage());
        }
        delivery.control().check("its inputs");
        GuidePictures pictures = onMediaThread(() -> Resizing.resized(inputs, parameters));
        return new Guided(pictures, inputs.digests());
    }

    private List<Encoded> encode(Media made, Job job, Provenance provenance)
            throws InterruptedException {
        return onMediaThread(() -> Encoders.encode(made, job.output(), provenance));
    }

    /// Does long work for a processor where such work is done.
    private <T> T onMediaThread(Supplier<T> work) throws InterruptedException {
        try {
            return CompletableFuture.supplyAsync(work, workplace.media()).get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException known -> throw known;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    /// Stores every file, and says which outputs are withheld.
    private List<Artifact> store(
            Delivery delivery,
            List<Encoded> files,
            Map<Integer, Media.Withheld> withheld,
            Spec parameters)
            throws InterruptedException {
        SortedMap<Integer, Artifact> artifacts = new TreeMap<>();
        Seed seed = Objects.requireNonNull(parameters.outputs().seed(), "filled in");
        Run run = new Run(delivery.job().output().prefix(), delivery.id(), delivery.run());
        for (Encoded file : files) {
            delivery.control().check("the store");
            String name = "output-" + file.index() + "." + file.extension();
            Artifact.StoredObject object =
                    patiently(
                            () -> delivery.control().reason().isPresent(),
                            () ->
                                    outlets.store()
                                            .store(
                                                    run,
                                                    name,
                                                    file.bytes(),
                                                    file.mediaType(),
                                                    Map.of("job", delivery.id().value())));
            artifacts.put(
                    file.index(),
                    new Artifact.Stored(
                            file.index(), seed.plus(file.index()), object, file.dimensions()));
        }
        withheld.forEach((index, output) -> {
            LOG.info("withholds output {} ({}): it {}", index, output.code(), output.reason());
            artifacts.put(
                    index,
                    new Artifact.Withheld(index, seed.plus(index), output.code(), output.reason()));
        });
        return List.copyOf(artifacts.values());
    }

    private static Manifest failed(Delivery delivery, ProgressReporter progress, Failure failure) {
        progress.await();
        return new Manifest(delivery.digest(), new JobEvent.Failed(delivery.nextHeader(), failure));
    }

    /// The outcome of a job that was stopped, when it is this worker's to make.
    private static Manifest stopped(
            Delivery delivery, ProgressReporter progress, StoppedException why) {
        int step = progress.samplerStep();
        int steps = progress.samplerSteps();
        return switch (delivery.control().reason().orElseThrow(() -> why)) {
            case Stop.Cancelled(String reason) -> {
                LOG.info("cancelled at step {} of {}: {}", step, steps, reason);
                progress.await();
                yield new Manifest(
                        delivery.digest(),
                        new JobEvent.Cancelled(delivery.nextHeader(), reason, step, steps));
            }
            case Stop.DeadlinePassed(Instant deadline) -> {
                String message =
                        "deadline is " + deadline + ", passed at step " + step + " of " + steps;
                LOG.info("failed with {}: {}", FailureCode.DEADLINE_PASSED, message);
                yield failed(delivery, progress, Failure.of(FailureCode.DEADLINE_PASSED, message));
            }
            case Stop.LockLost _, Stop.Draining _ -> {
                progress.await();
                throw why;
            }
        };
    }

    /// The outcome that was there first.
    private Terminal repeat(Delivery delivery, Manifest winner) {
        outlets.observer().repeated();
        if (winner.jobDigest().equals(delivery.digest())) {
            LOG.info("had ended before; its outcome is repeated");
        } else {
            outlets.observer().contradicted();
            LOG.warn(
                    "was submitted with two different bodies ({} and now {}); the first one's"
                            + " outcome is repeated",
                    winner.jobDigest(),
                    delivery.digest());
        }
        return winner.terminal();
    }

    /// Leaves a job to another worker. Its record, if it is still held, goes back when the slots of
    /// this worker are closed: released any sooner, it would go round among those that have not
    /// left their polls yet, each time one delivery older.
    private void abandon(Delivery delivery, StoppedException why) {
        outlets.observer().abandoned();
        LOG.info(
                "left to another worker, since {} ({})",
                delivery.control().reason().map(Stop::words).orElse("its device ended"),
                why.getMessage());
        if (!delivery.control().gone()) {
            delivery.lease().release();
        }
    }

    /// Holds a record that this worker can bring to no end for a while, so that it does not run in
    /// circles where no other can, and releases it; when this worker ends meanwhile, it goes back
    /// as that of any job that is left.
    private void setAside(Lease lease) throws InterruptedException {
        outlets.observer().setAside();
        JobControl control = new JobControl();
        lease.onLost(() -> control.stop(new Stop.LockLost()));
        inHand.add(control);
        try {
            if (!draining && !control.awaitGone(rules.deliveries().handOn())) {
                lease.release();
            }
        } finally {
            inHand.remove(control);
        }
    }

    /// Reads or writes the job's outcome, which waits for whatever the job is told meanwhile.
    ///
    /// @throws StoppedException when the job is no longer this worker's
    private <T> T patiently(Delivery delivery, Supplier<T> call) throws InterruptedException {
        return patiently(delivery.control()::gone, call);
    }

    /// Calls the store until it answers, while the lease is renewed: no manifest, no outcome. A
    /// store that refuses is waited for as well: somebody has to put its bucket or its rights
    /// right, and no job shall fail for it.
    ///
    /// @param stopped whether to give up
    /// @throws StoppedException when it was given up
    private <T> T patiently(BooleanSupplier stopped, Supplier<T> call) throws InterruptedException {
        Supplier<T> attempt =
                () -> {
                    try {
                        return call.get();
                    } catch (StoreRefusedException e) {
                        throw new StoreUnavailableException(String.valueOf(e.getMessage()), e);
                    }
                };
        try {
            return outlets.patience().call(attempt, stopped);
        } catch (StoreUnavailableException e) {
            throw new StoppedException("the store, which is away: " + e.getMessage());
        }
    }

    private ProgressReporter reporter(Delivery delivery) {
        return new ProgressReporter(
                new ProgressReporter.Settings(
                        rules.telling().least(), delivery.progress().everySteps()),
                new EventOutlet(delivery, outlets),
                workplace.media(),
                System::nanoTime);
    }

    /// Everything that can stop a job while it is in hand.
    private final class InHand implements AutoCloseable {
        private final JobControl control;
        private final CancelOrders.Watch cancel;
        private final Optional<Alarms.Alarm> deadline;

        InHand(Delivery delivery) {
            control = delivery.control();
            delivery.lease().onLost(() -> control.stop(new Stop.LockLost()));
            cancel =
                    signals.cancels()
                            .watch(
                                    delivery.id(),
                                    order -> control.stop(new Stop.Cancelled(order.reason())));
            deadline = delivery.deadline().map(this::alarm);
            inHand.add(control);
            if (draining) {
                control.stop(new Stop.Draining());
            }
        }

        private Alarms.Alarm alarm(Instant deadline) {
            Stop late = new Stop.DeadlinePassed(deadline);
            if (!signals.clock().instant().isBefore(deadline)) {
                control.stop(late);
                return () -> {};
            }
            return signals.alarms().at(deadline, () -> control.stop(late));
        }

        @Override
        public void close() {
            inHand.remove(control);
            cancel.close();
            deadline.ifPresent(Alarms.Alarm::close);
        }
    }

    /// Progress as events.
    ///
    /// @param delivery heads them
    /// @param outlets takes them
    private record EventOutlet(Delivery delivery, Outlets outlets)
            implements ProgressReporter.Outlet {
        @Override
        public void send(ProgressReporter.Report report) {
            outlets.events()
                    .offer(
                            new JobEvent.Progress(
                                    delivery.nextHeader(),
                                    null,
                                    report.stage(),
                                    report.step(),
                                    report.steps(),
                                    report.fraction(),
                                    report.etaMillis(),
                                    report.preview()));
        }

        @Override
        public void stepTook(Duration time) {
            outlets.observer().stepTook(time);
        }

        @Override
        public void failed() {
            outlets.observer().progressFailed();
        }
    }
}
