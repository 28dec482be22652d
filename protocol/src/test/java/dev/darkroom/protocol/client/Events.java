package dev.darkroom.protocol.client;

import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.JobEvent.Cancelled;
import dev.darkroom.protocol.event.JobEvent.HandedBack;
import dev.darkroom.protocol.event.JobEvent.Progress;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.job.JobId;
import java.time.Instant;
import java.util.Map;

/// Events of one job at given places of its history.
final class Events {
    static final JobId JOB = new JobId("j1");

    private Events() {}

    static Progress progress(int attempt, int handBacks, long sequence) {
        return new Progress(
                header(JOB, attempt, handBacks, sequence),
                null,
                Stage.DENOISE,
                1,
                2,
                0.5,
                null,
                null);
    }

    static Progress progress(String run, long sequence) {
        return new Progress(
                header(JOB, 1, 0, new RunId(run), sequence),
                null,
                Stage.DENOISE,
                1,
                2,
                0.5,
                null,
                null);
    }

    static HandedBack handedBack(String run, long sequence) {
        return new HandedBack(header(JOB, 1, 0, new RunId(run), sequence), 1, 2, null);
    }

    static HandedBack handedBack(int attempt, int handBacks, long sequence) {
        return new HandedBack(header(JOB, attempt, handBacks, sequence), 1, 2, null);
    }

    static Cancelled cancelled(int attempt, int handBacks, long sequence) {
        return cancelled(JOB, attempt, handBacks, sequence);
    }

    static Cancelled cancelled(JobId job, int attempt, int handBacks, long sequence) {
        return new Cancelled(header(job, attempt, handBacks, sequence), "enough", 1, 2);
    }

    private static EventHeader header(JobId job, int attempt, int handBacks, long sequence) {
        return header(job, attempt, handBacks, new RunId("r1"), sequence);
    }

    private static EventHeader header(
            JobId job, int attempt, int handBacks, RunId run, long sequence) {
        return new EventHeader(
                job, attempt, handBacks, run, sequence, "w1", Instant.EPOCH, Map.of(), null);
    }
}
