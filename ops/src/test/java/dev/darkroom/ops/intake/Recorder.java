package dev.darkroom.ops.intake;

import dev.darkroom.worker.intake.IntakeListener;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Counts what a slot does, and lets a test wait for it.
final class Recorder implements IntakeListener {
    final Semaphore taken = new Semaphore(0);
    final Semaphore renewed = new Semaphore(0);
    final Semaphore lost = new Semaphore(0);
    final Semaphore accepted = new Semaphore(0);

    @Override
    public void taken(Duration queueWait, int deliveryCount) {
        taken.release();
    }

    @Override
    public void renewed() {
        renewed.release();
    }

    @Override
    public void lost() {
        lost.release();
    }

    @Override
    public void accepted() {
        accepted.release();
    }

    /// Whether `events` happened `times` more times within half a minute.
    static boolean happened(Semaphore events, int times) throws InterruptedException {
        return events.tryAcquire(times, 30, TimeUnit.SECONDS);
    }
}
