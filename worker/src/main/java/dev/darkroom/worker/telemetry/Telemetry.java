package dev.darkroom.worker.telemetry;

import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.job.ModelId;
import dev.darkroom.worker.device.LaneObserver;
import dev.darkroom.worker.device.RunRecord;
import dev.darkroom.worker.events.EventListener;
import dev.darkroom.worker.intake.IntakeListener;
import dev.darkroom.worker.job.JobObserver;
import dev.darkroom.worker.model.ModelObserver;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import java.util.function.IntSupplier;

/// Every metric of a worker: what is measured under which name. Safe for any thread; never throws
/// at those it listens to.
///
/// | name | what |
/// |---|---|
/// | `darkroom.queue.wait` | time from a record's writing to its lock |
/// | `darkroom.deliveries` | records taken, by `again` (delivered before or not) |
/// | `darkroom.leases` | locks, by `event`: renewed, lost, accepted |
/// | `darkroom.jobs.slots`, `darkroom.jobs.busy` | job slots, and those with a job |
/// | `darkroom.jobs.ended` | outcomes made here, by `outcome` and `code` |
/// | `darkroom.jobs.repeated` | outcomes that were there already and were published again |
/// | `darkroom.jobs.contradicted` | ids that were submitted with two bodies |
/// | `darkroom.jobs.abandoned` | jobs left to another worker |
/// | `darkroom.jobs.aside` | records released that this worker can bring to no end |
/// | `darkroom.stage` | time in a stage, by `stage` |
/// | `darkroom.step` | time of a sampler step, waits for the device included |
/// | `darkroom.run` | time of a run on the device, by `graph` |
/// | `darkroom.run.rows`, `darkroom.run.jobs` | rows, and different jobs, per run, by `graph` |
/// | `darkroom.run.outcomes` | runs, by `outcome` |
/// | `darkroom.device.busy` | seconds of runs |
/// | `darkroom.device.busy.share` | share of the last minute |
/// | `darkroom.device.stall` | time that loads and unloads kept the device from runs |
/// | `darkroom.device.waiting` | rows that wait for the device |
/// | `darkroom.device.lost` | 1 when only a new process can help |
/// | `darkroom.models.load`, `darkroom.models.load.stall` | loads, by `model`: preparation, stall |
/// | `darkroom.models.failed`, `darkroom.models.evicted` | loads that failed, models unloaded |
/// | `darkroom.models.loaded` | models in memory |
/// | `darkroom.events` | events, by `kind` and `result` |
/// | `darkroom.kafka.rate` | what the Kafka clients measure per second, by `client` and `metric` |
/// | `darkroom.progress.failed` | progress events or previews that could not be made |
public final class Telemetry implements AutoCloseable {
    private final PrometheusMeterRegistry registry;
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

    /// A registry of its own, with the JVM's memory, collections and processors in it.
    public Telemetry() {
        registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    /// The registry, for tests and for whoever measures more.
    public MeterRegistry registry() {
        return registry;
    }

    /// Everything in Prometheus' text format.
    public String scrape() {
        return registry.scrape();
    }

    /// Shows a number that somebody else keeps.
    ///
    /// @param number called for each scrape; what it belongs to must outlive this
    public void gauge(Level level, IntSupplier number) {
        Gauge.builder(level.metric(), number, IntSupplier::getAsInt)
                .strongReference(true)
                .register(registry);
    }

    /// Shows a rate that Kafka clients keep, under their own name for it.
    ///
    /// @param client `consumer` or `producer`
    /// @param number called for each scrape; what it belongs to must outlive this
    public void kafka(String client, String metric, DoubleSupplier number) {
        Gauge.builder("darkroom.kafka.rate", number, DoubleSupplier::getAsDouble)
                .tags("client", client, "metric", metric)
                .strongReference(true)
                .register(registry);
    }

    /// A number that goes up and down.
    public enum Level {
        SLOTS("darkroom.jobs.slots"),
        BUSY("darkroom.jobs.busy"),
        WAITING_ROWS("darkroom.device.waiting"),
        MODELS("darkroom.models.loaded");

        private final String metric;

        Level(String metric) {
            this.metric = metric;
        }

        private String metric() {
            return metric;
        }
    }

    /// Listens to the queue.
    public IntakeListener intake() {
        Timer wait = timer("darkroom.queue.wait");
        Counter first = counter("darkroom.deliveries", "again", "no");
        Counter again = counter("darkroom.deliveries", "again", "yes");
        Counter renewed = counter("darkroom.leases", "event", "renewed");
        Counter lost = counter("darkroom.leases", "event", "lost");
        Counter accepted = counter("darkroom.leases", "event", "accepted");
        return new IntakeListener() {
            @Override
            public void taken(Duration queueWait, int deliveryCount) {
                wait.record(queueWait);
                (deliveryCount > 1 ? again : first).increment();
            }

            @Override
            public void renewed() {
                renewed.increment();
            }

            @Override
            public void lost() {
                lost.increment();
            }

            @Override
            public void accepted() {
                accepted.increment();
            }
        };
    }

    /// Listens to jobs.
    public JobObserver jobs() {
        Timer step = timer("darkroom.step");
        Counter repeated = counter("darkroom.jobs.repeated");
        Counter contradicted = counter("darkroom.jobs.contradicted");
        Counter abandoned = counter("darkroom.jobs.abandoned");
        Counter aside = counter("darkroom.jobs.aside");
        Counter progressFailed = counter("darkroom.progress.failed");
        return new JobObserver() {
            @Override
            public void ended(JobEvent.Terminal terminal) {
                String outcome =
                        switch (terminal) {
                            case JobEvent.Completed _ -> "completed";
                            case JobEvent.Failed _ -> "failed";
                            case JobEvent.Cancelled _ -> "cancelled";
                        };
                String code =
                        terminal instanceof JobEvent.Failed failed
                                ? failed.failure().code().name()
                                : "none";
                registry.counter("darkroom.jobs.ended", "outcome", outcome, "code", code)
                        .increment();
            }

            @Override
            public void repeated() {
                repeated.increment();
            }

            @Override
            public void contradicted() {
                contradicted.increment();
            }

            @Override
            public void stageTook(Stage stage, Duration time) {
                timer("darkroom.stage", "stage", lowerCase(stage)).record(time);
            }

            @Override
            public void stepTook(Duration time) {
                step.record(time);
            }

            @Override
            public void progressFailed() {
                progressFailed.increment();
            }

            @Override
            public void abandoned() {
                abandoned.increment();
            }

            @Override
            public void setAside() {
                aside.increment();
            }
        };
    }

    /// Listens to events.
    public EventListener events() {
        Counter lifecycle = counter("darkroom.events", "kind", "lifecycle", "result", "sent");
        Counter repeated = counter("darkroom.events", "kind", "lifecycle", "result", "repeated");
        Counter progress = counter("darkroom.events", "kind", "progress", "result", "sent");
        Counter dropped = counter("darkroom.events", "kind", "progress", "result", "dropped");
        return new EventListener() {
            @Override
            public void sent(JobEvent event) {
                (event instanceof JobEvent.Progress ? progress : lifecycle).increment();
            }

            @Override
            public void repeated(JobEvent event) {
                repeated.increment();
            }

            @Override
            public void dropped() {
                dropped.increment();
            }
        };
    }

    /// Listens to the device.
    public LaneObserver device() {
        BusyShare share = new BusyShare(System.nanoTime());
        Gauge.builder("darkroom.device.busy.share", share, busy -> busy.at(System.nanoTime()))
                .strongReference(true)
                .register(registry);
        Counter busySeconds =
                Counter.builder("darkroom.device.busy").baseUnit("seconds").register(registry);
        Timer stall = timer("darkroom.device.stall");
        Counter lost = counter("darkroom.device.lost");
        return new LaneObserver() {
            @Override
            public void ran(RunRecord run) {
                share.add(System.nanoTime(), run.nanos());
                busySeconds.increment(run.nanos() / 1e9);
                timer("darkroom.run", "graph", run.graph()).record(Duration.ofNanos(run.nanos()));
                summary("darkroom.run.rows", run.graph()).record(run.rows().count());
                summary("darkroom.run.jobs", run.graph()).record(run.rows().distinctJobs());
                counter("darkroom.run.outcomes", "outcome", lowerCase(run.outcome())).increment();
            }

            @Override
            public void stalled(Duration time) {
                stall.record(time);
            }

            @Override
            public void lost(Throwable cause) {
                lost.increment();
            }
        };
    }

    /// Listens to the models.
    public ModelObserver models() {
        Counter evicted = counter("darkroom.models.evicted");
        return new ModelObserver() {
            @Override
            public void loaded(ModelId model, Duration preparation, Duration stall) {
                timer("darkroom.models.load", "model", model.value()).record(preparation);
                timer("darkroom.models.load.stall", "model", model.value()).record(stall);
            }

            @Override
            public void failed(ModelId model) {
                counter("darkroom.models.failed", "model", model.value()).increment();
            }

            @Override
            public void evicted(ModelId model, Duration stall) {
                evicted.increment();
            }
        };
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }

    private Timer timer(String name, String... tags) {
        return Timer.builder(name).tags(tags).publishPercentileHistogram().register(registry);
    }

    private Counter counter(String name, String... tags) {
        return registry.counter(name, tags);
    }

    private DistributionSummary summary(String name, String graph) {
        return DistributionSummary.builder(name).tag("graph", graph).register(registry);
    }

    private static String lowerCase(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }
}
