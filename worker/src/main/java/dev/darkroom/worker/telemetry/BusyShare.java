package dev.darkroom.worker.telemetry;

import java.util.ArrayDeque;
import java.util.Deque;

/// The share of the last minute that a device was busy. Safe for any thread.
final class BusyShare {
    private static final long WINDOW_NANOS = 60_000_000_000L;

    private final long sinceNanos;

    // Guarded by this.
    private final Deque<Span> spans = new ArrayDeque<>();

    private record Span(long from, long to) {}

    /// Starts to watch at `nowNanos`.
    BusyShare(long nowNanos) {
        this.sinceNanos = nowNanos;
    }

    /// The device was busy for `nanos` until `nowNanos`.
    synchronized void add(long nowNanos, long nanos) {
        spans.add(new Span(nowNanos - nanos, nowNanos));
        forget(nowNanos);
    }

    /// 0 to 1, over the last minute or, earlier, since the beginning.
    synchronized double at(long nowNanos) {
        forget(nowNanos);
        long window = Math.min(WINDOW_NANOS, nowNanos - sinceNanos);
        if (window <= 0) {
            return 0;
        }
        long busy = 0;
        for (Span span : spans) {
            busy += span.to() - Math.max(span.from(), nowNanos - window);
        }
        return Math.clamp((double) busy / window, 0, 1);
    }

    private void forget(long nowNanos) {
        while (!spans.isEmpty() && nowNanos - spans.getFirst().to() >= WINDOW_NANOS) {
            spans.removeFirst();
        }
    }
}
