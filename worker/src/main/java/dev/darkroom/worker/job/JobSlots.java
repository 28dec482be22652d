package dev.darkroom.worker.job;

import dev.darkroom.worker.intake.JobSource;
import dev.darkroom.worker.intake.Lease;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The places for jobs in flight: one verticle on a virtual thread and one [JobSource] each. A slot
/// asks for a record only when it is free, so that no record waits locked.
public final class JobSlots implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobSlots.class);

    private final Vertx vertx;
    private final List<JobSource> sources;
    private final Work work;
    private final Runnable changed;
    private final CountDownLatch running;
    private final AtomicInteger busy = new AtomicInteger();

    /// What is done with a record.
    public interface Work {
        /// Brings a record to its end and settles it, on the slot's virtual thread.
        void run(Lease lease) throws InterruptedException;
    }

    /// Slots that are not started yet.
    ///
    /// @param sources one per slot; closed with the slots
    /// @param changed called when a slot becomes busy or free; must be quick
    public JobSlots(Vertx vertx, List<JobSource> sources, Work work, Runnable changed) {
        this.vertx = vertx;
        this.sources = List.copyOf(sources);
        this.work = work;
        this.changed = changed;
        this.running = new CountDownLatch(sources.size());
    }

    /// Starts to take records.
    public void start() {
        List<Slot> slots = new ArrayList<>();
        List<Future<?>> deployed = new ArrayList<>();
        DeploymentOptions onVirtualThreads =
                new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD);
        for (int number = 0; number < sources.size(); number++) {
            Slot slot = new Slot(number, sources.get(number));
            slots.add(slot);
            deployed.add(vertx.deployVerticle(slot, onVirtualThreads));
        }
        Future.all(deployed).toCompletionStage().toCompletableFuture().join();
        // Only now: serving keeps a verticle's thread, which its deployment needs too.
        slots.forEach(Slot::begin);
    }

    /// All slots.
    public int count() {
        return sources.size();
    }

    /// Slots with a job.
    public int busy() {
        return busy.get();
    }

    /// Takes no more records; jobs in hand go on. From any thread, any number of times.
    public void stop() {
        sources.forEach(JobSource::stop);
    }

    /// Waits until every slot is empty for good; [#stop] comes before.
    ///
    /// @return whether that was so within `longest`
    public boolean await(Duration longest) throws InterruptedException {
        return running.await(longest.toMillis(), TimeUnit.MILLISECONDS);
    }

    /// Leaves the queue; records that are still held are released by the broker.
    @Override
    public void close() {
        stop();
        sources.parallelStream().forEach(JobSource::close);
    }

    /// One slot.
    private final class Slot extends VerticleBase {
        private final int number;
        private final JobSource source;

        Slot(int number, JobSource source) {
            this.number = number;
            this.source = source;
        }

        private void begin() {
            context.runOnContext(_ -> serve());
        }

        private void serve() {
            Thread.currentThread().setName("job-" + number);
            try {
                Optional<Lease> lease = source.take();
                while (lease.isPresent()) {
                    occupy(lease.get());
                    lease = source.take();
                }
            } catch (InterruptedException e) {
                LOG.debug("Slot {} was interrupted and ends", number, e);
            } finally {
                running.countDown();
            }
        }

        private void occupy(Lease lease) throws InterruptedException {
            busy.incrementAndGet();
            changed.run();
            try {
                work.run(lease);
            } catch (RuntimeException | Error e) {
                // The last net: whatever it was, the slot lives on and the record is not lost.
                LOG.error(
                        "Slot {} could not bring {} to an end; the record is released",
                        number,
                        lease.origin(),
                        e);
                release(lease);
            } finally {
                busy.decrementAndGet();
                changed.run();
            }
        }

        private void release(Lease lease) {
            try {
                lease.release();
            } catch (RuntimeException e) {
                LOG.debug("{} was settled or lost already", lease.origin(), e);
            }
        }
    }
}
