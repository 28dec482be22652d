package dev.darkroom.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// What keeps a worker from taking jobs: what was announced as missing, and what probes find. Safe
/// for any thread.
///
/// One thread asks the probes at a time and the others are told what was found last: an object
/// store that hangs answers after minutes, and whoever looks every few seconds must not pile up.
final class Readiness {
    private static final long VALID_NANOS = 10_000_000_000L;

    private final Map<String, String> missing = new ConcurrentSkipListMap<>();
    private final List<Supplier<List<String>>> probes;
    private final LongSupplier nanoTime;
    private final ReentrantLock asking = new ReentrantLock();

    // Written under the lock, read without.
    private volatile List<String> found = List.of("surroundings: are being looked at");
    private volatile long askedNanos;
    private volatile boolean asked;

    /// With probes, which may block; what they answer counts for ten seconds.
    ///
    /// @param nanoTime a source of nanoseconds, such as [System#nanoTime]
    Readiness(List<Supplier<List<String>>> probes, LongSupplier nanoTime) {
        this.probes = List.copyOf(probes);
        this.nanoTime = nanoTime;
    }

    /// Something is not there yet, or not any more.
    void lacks(String what, String why) {
        missing.put(what, why);
    }

    /// It is there.
    void has(String what) {
        missing.remove(what);
    }

    /// Everything that is missing, each as `what: why`; empty when jobs are taken.
    List<String> missing() {
        List<String> all = new ArrayList<>();
        missing.forEach((what, why) -> all.add(what + ": " + why));
        all.addAll(probed());
        return all;
    }

    private List<String> probed() {
        if (!asking.tryLock()) {
            return isOld(2) ? List.of("surroundings: do not answer") : found;
        }
        try {
            if (isOld(1)) {
                askedNanos = nanoTime.getAsLong();
                asked = true;
                found = probes.stream().flatMap(probe -> probe.get().stream()).toList();
            }
            return found;
        } finally {
            asking.unlock();
        }
    }

    /// Whether the last question began that many times as long ago as an answer counts.
    private boolean isOld(int times) {
        return !asked || nanoTime.getAsLong() - askedNanos >= times * VALID_NANOS;
    }
}
