package dev.darkroom.worker.job;

import dev.darkroom.protocol.event.Stage;
import dev.darkroom.worker.pipeline.Listener;
import dev.darkroom.worker.tensor.FloatTensor;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells how far a job is: at most once in a while, previews made on the media threads, and never
/// in the job's way. What goes wrong here is logged and counted, and the job goes on.
///
/// Called on the job's thread; [#await] before the job's terminal event, so that nothing follows
/// it.
public final class ProgressReporter implements Listener {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressReporter.class);

    private final Settings settings;
    private final Outlet outlet;
    private final Executor media;
    private final LongSupplier nanoTime;
    private final StageClock clock;

    // The job's thread.
    private Stage stage = Stage.LOAD;
    private int step;
    private int steps = 1;
    private int samplerStep;
    private int samplerSteps;
    private boolean spoken;
    private long lastSpoken;
    private long samplerSince;
    private double nanosPerShare;
    private long stepSince;
    private @Nullable Function<FloatTensor, String> preview;
    private CompletableFuture<Void> said = CompletableFuture.completedFuture(null);

    /// What is told.
    ///
    /// @param least shortest time between two reports, but for the first and the last
    /// @param everySteps steps between two reports of the sampler
    public record Settings(Duration least, int everySteps) {}

    /// Where a job is.
    ///
    /// @param stage the stage
    /// @param step steps done in it
    /// @param steps its steps in all
    /// @param fraction share of the whole job, 0 to 1
    /// @param etaMillis estimated time left; absent: not known yet
    /// @param preview of the first output; absent: none
    public record Report(
            Stage stage,
            int step,
            int steps,
            double fraction,
            @Nullable Long etaMillis,
            @Nullable String preview) {}

    /// Where reports go.
    public interface Outlet {
        /// Sends one; never waits.
        void send(Report report);

        /// A sampler step took this long.
        void stepTook(Duration time);

        /// A report could not be made or sent.
        void failed();
    }

    /// A reporter that measures the stages with `clock`.
    public ProgressReporter(
            Settings settings, Outlet outlet, Executor media, LongSupplier nanoTime) {
        this.settings = settings;
        this.outlet = outlet;
        this.media = media;
        this.nanoTime = nanoTime;
        this.clock = new StageClock(nanoTime);
    }

    @Override
    public void stage(Stage next, int stepsOfIt) {
        clock.enter(next);
        stage = next;
        step = 0;
        steps = Math.max(1, stepsOfIt);
        if (next == Stage.DENOISE) {
            samplerSteps = stepsOfIt;
            samplerSince = nanoTime.getAsLong();
            stepSince = samplerSince;
        }
        if (due()) {
            say(null);
        }
    }

    @Override
    public void step(int done, FloatTensor latents) {
        step = done;
        if (stage == Stage.DENOISE) {
            long now = nanoTime.getAsLong();
            outlet.stepTook(Duration.ofNanos(now - stepSince));
            stepSince = now;
            samplerStep = done;
            nanosPerShare = (now - samplerSince) / (fraction() - span(Stage.DENOISE).begin());
        }
        boolean wanted = done % settings.everySteps() == 0 || done == steps;
        if (wanted && due()) {
            say(latents);
        }
    }

    /// From now on, reports of the sampler show something.
    ///
    /// @param maker makes a picture of one output's latents `[C, h, w]` as a `data:` URI
    public void showing(Function<FloatTensor, String> maker) {
        preview = maker;
    }

    /// The job is done: the last report, which is always sent.
    public void finish() {
        step = steps;
        clock.leave();
        say(null);
    }

    /// Waits until everything said is sent or given up.
    public void await() {
        clock.leave();
        said.join();
    }

    /// Sampler steps done.
    public int samplerStep() {
        return samplerStep;
    }

    /// Sampler steps in all; 0 before the sampler began.
    public int samplerSteps() {
        return samplerSteps;
    }

    /// The time of each stage so far.
    public Map<Stage, Duration> times() {
        return clock.times();
    }

    private boolean due() {
        return !spoken
                || (said.isDone()
                        && nanoTime.getAsLong() - lastSpoken >= settings.least().toNanos());
    }

    private void say(@Nullable FloatTensor latents) {
        spoken = true;
        lastSpoken = nanoTime.getAsLong();
        double fraction = fraction();
        Long eta =
                nanosPerShare > 0 ? Math.round((1 - fraction) * nanosPerShare / 1_000_000) : null;
        Report report = new Report(stage, step, steps, fraction, eta, null);
        Function<FloatTensor, String> maker = stage == Stage.DENOISE ? preview : null;
        FloatTensor first = latents == null || maker == null ? null : firstOf(latents);
        said =
                said.thenRunAsync(
                                () ->
                                        send(
                                                first == null || maker == null
                                                        ? report
                                                        : withPreview(report, maker, first)),
                                media)
                        .exceptionally(error -> {
                            LOG.warn("A progress event could not be made", error);
                            outlet.failed();
                            return null;
                        });
    }

    /// A copy of the first output's latents, `[C, h, w]`.
    private static FloatTensor firstOf(FloatTensor latents) {
        return latents.rows(0, 1).reshape(latents.shape().row()).copy();
    }

    private Report withPreview(
            Report report, Function<FloatTensor, String> maker, FloatTensor latents) {
        try {
            return new Report(
                    report.stage(),
                    report.step(),
                    report.steps(),
                    report.fraction(),
                    report.etaMillis(),
                    maker.apply(latents));
        } catch (RuntimeException e) {
            LOG.warn("A preview could not be made", e);
            outlet.failed();
            return report;
        }
    }

    private void send(Report report) {
        try {
            outlet.send(report);
        } catch (RuntimeException e) {
            LOG.warn("A progress event could not be sent", e);
            outlet.failed();
        }
    }

    private double fraction() {
        Span span = span(stage);
        return span.begin() + (span.end() - span.begin()) * Math.min(1, (double) step / steps);
    }

    /// The share of a job's time that a stage is taken to need: the sampler's is by far the
    /// largest.
    private static Span span(Stage stage) {
        return switch (stage) {
            case LOAD -> new Span(0, 0.02);
            case ENCODE -> new Span(0.02, 0.05);
            case DENOISE -> new Span(0.05, 0.9);
            case DECODE -> new Span(0.9, 0.97);
            case UPLOAD -> new Span(0.97, 1);
        };
    }

    /// A part of a job, as fractions of the whole.
    private record Span(double begin, double end) {}
}
