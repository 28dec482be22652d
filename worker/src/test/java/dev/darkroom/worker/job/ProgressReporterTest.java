package dev.darkroom.worker.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.Stage;
import dev.darkroom.worker.job.ProgressReporter.Report;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressReporterTest {
    private static final FloatTensor LATENTS = FloatTensor.allocate(Shape.of(2, 4, 8, 8));

    private final Outlet outlet = new Outlet();
    private long nanos;

    @Test
    void saysTheFirstAndTheLastAndNoMoreThanOneInTheLeastTimeBetween() {
        ProgressReporter reporter = reporter(1);
        reporter.stage(Stage.DENOISE, 100);
        for (int step = 1; step <= 100; step++) {
            nanos += 50_000_000;
            reporter.step(step, LATENTS);
        }
        reporter.finish();
        reporter.await();

        assertThat(outlet.reports).hasSize(1 + 25 + 1);
        assertThat(outlet.reports.getFirst().step()).isZero();
        assertThat(outlet.reports).extracting(Report::fraction).isSorted();
    }

    @Test
    void keepsToTheStepsThatTheJobAskedFor() {
        ProgressReporter reporter = reporter(10);
        reporter.stage(Stage.DENOISE, 25);
        for (int step = 1; step <= 25; step++) {
            nanos += 1_000_000_000;
            reporter.step(step, LATENTS);
        }
        reporter.await();

        assertThat(outlet.reports).extracting(Report::step).containsExactly(0, 10, 20, 25);
    }

    @Test
    void estimatesTheTimeLeftFromTheStepsSoFar() {
        ProgressReporter reporter = reporter(1);
        reporter.stage(Stage.DENOISE, 10);
        for (int step = 1; step <= 5; step++) {
            nanos += 1_000_000_000;
            reporter.step(step, LATENTS);
        }
        reporter.await();

        Report last = outlet.reports.getLast();
        // Five steps are left, and the stages after them take about 15 % of what ten steps do.
        assertThat(last.etaMillis()).isBetween(5_500L, 6_500L);
        assertThat(outlet.reports.getFirst().etaMillis()).isNull();
    }

    @Test
    void goesOnWithoutPicturesWhenAPreviewFails() {
        ProgressReporter reporter = reporter(1);
        reporter.showing(_ -> {
            throw new IllegalStateException("for the test");
        });
        reporter.stage(Stage.DENOISE, 1);
        nanos += 1_000_000_000;
        reporter.step(1, LATENTS);
        reporter.await();

        assertThat(outlet.reports).hasSize(2).allMatch(report -> report.preview() == null);
        assertThat(outlet.failures).isEqualTo(1);
    }

    @Test
    void measuresEachStage() {
        ProgressReporter reporter = reporter(1);
        reporter.stage(Stage.LOAD, 1);
        nanos += 2_000_000_000;
        reporter.stage(Stage.DENOISE, 1);
        nanos += 3_000_000_000L;
        reporter.await();

        assertThat(reporter.times())
                .containsEntry(Stage.LOAD, Duration.ofSeconds(2))
                .containsEntry(Stage.DENOISE, Duration.ofSeconds(3));
    }

    private ProgressReporter reporter(int everySteps) {
        return new ProgressReporter(
                new ProgressReporter.Settings(Duration.ofMillis(200), everySteps),
                outlet,
                Runnable::run,
                () -> nanos);
    }

    private static final class Outlet implements ProgressReporter.Outlet {
        final List<Report> reports = new ArrayList<>();
        int failures;

        @Override
        public void send(Report report) {
            reports.add(report);
        }

        @Override
        public void stepTook(Duration time) {}

        @Override
        public void failed() {
            failures++;
        }
    }
}
