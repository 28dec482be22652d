package dev.darkroom.worker.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.job.ModelId;
import io.micrometer.core.instrument.Meter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class TelemetryTest {
    private static final Path SOURCE =
            Path.of("src/main/java/dev/darkroom/worker/telemetry/Telemetry.java");

    @Test
    void showsWhatItWasToldAsPrometheusReadsIt() {
        try (Telemetry telemetry = new Telemetry()) {
            touchAll(telemetry);

            assertThat(telemetry.scrape())
                    .contains("darkroom_queue_wait_seconds_count 1")
                    .contains("darkroom_deliveries_total{again=\"no\"} 1.0")
                    .contains("darkroom_jobs_ended_total{code=\"BUG\",outcome=\"failed\"} 1.0")
                    .contains("darkroom_run_rows_sum{graph=\"m/unet\"} 3.0")
                    .contains("darkroom_run_jobs_sum{graph=\"m/unet\"} 2.0")
                    .contains("darkroom_device_busy_seconds_total 2.0")
                    .contains("darkroom_stage_seconds_count{stage=\"load\"} 1")
                    .contains(
                            "darkroom_kafka_rate{client=\"producer\",metric=\"record-error-rate\"} 2.0");
        }
    }

    @Test
    void everyMetricThatIsKeptIsInTheTableAndNoOther() throws IOException {
        Set<String> documented =
                Pattern.compile("^/// \\| (`darkroom[^|]*)\\|", Pattern.MULTILINE)
                        .matcher(Files.readString(SOURCE))
                        .results()
                        .flatMap(row ->
                                Pattern.compile("`(darkroom[a-z.]*)`")
                                        .matcher(row.group(1))
                                        .results())
                        .map((Function<MatchResult, String>) name -> name.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));
        try (Telemetry telemetry = new Telemetry()) {
            touchAll(telemetry);
            Set<String> kept =
                    telemetry.registry().getMeters().stream()
                            .map(Meter::getId)
                            .map(Meter.Id::getName)
                            .filter(name -> name.startsWith("darkroom"))
                            .collect(Collectors.toCollection(TreeSet::new));
            assertThat(kept).isEqualTo(documented);
        }
    }

    /// Makes every metric that comes to be with its first use.
    private static void touchAll(Telemetry telemetry) {
        for (Telemetry.Level level : Telemetry.Level.values()) {
            telemetry.gauge(level, () -> 1);
        }
        telemetry.intake().taken(Duration.ofSeconds(1), 1);
        telemetry.events();
        telemetry.jobs().stageTook(Stage.LOAD, Duration.ofSeconds(1));
        telemetry.jobs().ended(TelemetryRuns.failed());
        telemetry.device().ran(TelemetryRuns.run());
        telemetry.models().loaded(new ModelId("a"), Duration.ZERO, Duration.ZERO);
        telemetry.models().failed(new ModelId("a"));
        telemetry.kafka("producer", "record-error-rate", () -> 2);
    }
}
