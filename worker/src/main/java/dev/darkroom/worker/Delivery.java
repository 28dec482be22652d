package dev.darkroom.worker;

import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.event.EventHeader;
import dev.darkroom.protocol.event.RunId;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobEnvelope;
import dev.darkroom.protocol.job.JobId;
import dev.darkroom.protocol.job.ProgressOptions;
import dev.darkroom.worker.intake.Lease;
import dev.darkroom.worker.job.JobControl;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A record in hand: what it says, what its events are headed with, and its stop signal. Records
/// that say nothing that can be read are deliveries too: their path ends where the job is asked
/// for.
final class Delivery {
    private final Lease lease;
    private final String worker;
    private final Clock clock;
    private final JobId id;
    private final @Nullable JobEnvelope envelope;
    private final @Nullable FailureException undecodable;
    private final JobControl control = new JobControl();
    private final RunId run;

    // Guarded by this: progress is headed on media threads.
    private long sequence;

    private Delivery(Lease lease, Reading reading, String worker, Clock clock) {
        this.lease = lease;
        this.worker = worker;
        this.clock = clock;
        this.run = RunId.fresh(clock);
        this.id = reading.id();
        this.envelope = reading.envelope();
        this.undecodable = reading.undecodable();
    }

    /// What a record was read as: an envelope, or the reason why there is none.
    private record Reading(
            JobId id, @Nullable JobEnvelope envelope, @Nullable FailureException undecodable) {}

    /// Reads a record.
    ///
    /// @throws dev.darkroom.protocol.codec.NewerSpecVersionException when only a newer worker can
    static Delivery of(Lease lease, String worker, Clock clock) {
        byte[] value = lease.value();
        Reading reading;
        try {
            JobEnvelope envelope = JobCodec.decode(value);
            reading = new Reading(envelope.job().id(), envelope, null);
        } catch (FailureException e) {
            JobId id = JobCodec.idOf(value).orElseGet(() -> nameOf(lease.origin()));
            reading = new Reading(id, null, e);
        }
        return new Delivery(lease, reading, worker, clock);
    }

    /// The job's id, or the name that an unreadable record is known by.
    JobId id() {
        return id;
    }

    /// The job.
    ///
    /// @throws FailureException `INVALID_JOB` when the record could not be decoded
    Job job() {
        if (undecodable != null) {
            throw undecodable;
        }
        return known().job();
    }

    /// What progress the job wants; the default when the record could not be decoded.
    ProgressOptions progress() {
        return envelope == null ? ProgressOptions.DEFAULT : envelope.job().progress();
    }

    /// The time by which the job must be done, if there is one.
    Optional<Instant> deadline() {
        return envelope == null ? Optional.empty() : Optional.ofNullable(envelope.job().deadline());
    }

    /// The digest of the job; empty when the record could not be decoded.
    String digest() {
        return envelope == null ? "" : JobCodec.digest(envelope.job());
    }

    /// The record.
    Lease lease() {
        return lease;
    }

    /// The delivery's own name.
    RunId run() {
        return run;
    }

    /// The stop signal.
    JobControl control() {
        return control;
    }

    /// The head of the next event. Safe for any thread.
    synchronized EventHeader nextHeader() {
        return new EventHeader(
                id,
                envelope == null ? 1 : envelope.attempt(),
                envelope == null ? 0 : envelope.handBacks().count(),
                run,
                sequence++,
                worker,
                clock.instant(),
                envelope == null ? Map.of() : envelope.job().labels(),
                envelope == null ? null : envelope.traceparent());
    }

    /// The name of a record without an id: `invalid-<topic>-<partition>-<offset>`, of a very long
    /// topic's name its end.
    private static JobId nameOf(Lease.Origin from) {
        String topic = from.topic();
        String end = topic.substring(Math.max(0, topic.length() - 80));
        return new JobId("invalid-" + end + "-" + from.partition() + "-" + from.offset());
    }

    private JobEnvelope known() {
        if (envelope == null) {
            throw new IllegalStateException(id + " has no job");
        }
        return envelope;
    }
}
