package dev.darkroom.worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/// What keeps a worker from taking jobs: what was announced as missing, and what probes find. Safe
/// for any thread.
final class Readiness {
    private static final long VALID_NANOS = 10_000_000_000L;

    private final Map<String, String> missing = new ConcurrentSkipListMap<>();
    private final List<Supplier<List<String>>> probes;

    // Guarded by the probes.
    private List<String> found = List.of();
    private long askedNanos;
    private boolean asked;

    /// With probes, which may block for a moment; what they answer counts for ten seconds.
    Readiness(List<Supplier<List<String>>> probes) {
        this.probes = List.copyOf(probes);
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
        synchronized (probes) {
            long now = System.nanoTime();
            if (!asked || now - askedNanos >= VALID_NANOS) {
                found = probes.stream().flatMap(probe -> probe.get().stream()).toList();
                asked = true;
                askedNanos = now;
            }
            return found;
        }
    }
}
