package dev.darkroom.worker.telemetry;

import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent.Failed;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.failure.Failure;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.worker.device.RunRecord;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/// Things that metrics are told of.
final class TelemetryRuns {
    private static final JobId JOB = new JobId("a");

    private TelemetryRuns() {}

    static RunRecord run() {
        return new RunRecord(
                "m/unet",
                "",
                new RunRecord.Rows(List.of(JOB, JOB, new JobId("b")), List.of()),
                new RunRecord.Sizing(RunRecord.Why.ALL_WAITING, 0),
                RunRecord.Outcome.COMPUTED,
                2_000_000_000L);
    }

    static Failed failed() {
        return new Failed(
                new EventHeader(JOB, 1, 0, new RunId("r1"), 0, "w", Instant.EPOCH, Map.of(), null),
                Failure.of(FailureCode.BUG, "oh"));
    }
}
