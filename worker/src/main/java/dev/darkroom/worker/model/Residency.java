package dev.darkroom.worker.model;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The books over which models take memory, who uses them, and which one has to go: no threads, no
/// files, no device.
///
/// A model takes its memory from the moment that its load is planned until it is removed. Not
/// synchronised.
///
/// @param <K> what stands for one loading of a model
final class Residency<K> {
    private final long budget;
    private final Duration leastResidence;
    private final Map<K, Resident> residents = new HashMap<>();
    private long leasesEver;

    /// Books over this budget.
    Residency(ModelBudget budget) {
        this.budget = budget.bytes();
        this.leastResidence = budget.leastResidence();
    }

    /// One model that takes memory.
    private static final class Resident {
        long bytes;
        int leases;
        long lastLeased;
        Instant evictableFrom = Instant.MAX;

        Resident(long bytes) {
            this.bytes = bytes;
        }
    }

    /// What has to happen before a model can be loaded.
    ///
    /// @param <K> what stands for one loading of a model
    sealed interface Room<K> {
        /// It fits once these are gone, perhaps none, in this order; all are unused.
        ///
        /// @param evictions who has to go
        /// @param <K> what stands for one loading of a model
        record Free<K>(List<K> evictions) implements Room<K> {
            /// Copies the list.
            public Free {
                evictions = List.copyOf(evictions);
            }
        }

        /// Others are in use or came too recently: look again when a lease ends, or at `at`.
        ///
        /// @param at when the next unused model may go; `Instant.MAX` when none is unused
        /// @param <K> what stands for one loading of a model
        record Later<K>(Instant at) implements Room<K> {}

        /// It would not fit alone.
        ///
        /// @param <K> what stands for one loading of a model
        record Never<K>() implements Room<K> {}
    }

    /// How room for `bytes` can be made.
    Room<K> room(long bytes, Instant now) {
        if (bytes > budget) {
            return new Room.Never<>();
        }
        long free = budget - taken();
        List<K> evictions = new ArrayList<>();
        for (K unused : unusedLeastRecentFirst()) {
            if (free >= bytes) {
                break;
            }
            if (!resident(unused).evictableFrom.isAfter(now)) {
                evictions.add(unused);
                free += resident(unused).bytes;
            }
        }
        return free >= bytes ? new Room.Free<>(evictions) : new Room.Later<>(nextEvictable(now));
    }

    private List<K> unusedLeastRecentFirst() {
        return residents.entrySet().stream()
                .filter(entry -> entry.getValue().leases == 0)
                .sorted(Comparator.comparingLong(entry -> entry.getValue().lastLeased))
                .map(Map.Entry::getKey)
                .toList();
    }

    private Instant nextEvictable(Instant now) {
        return residents.values().stream()
                .filter(resident -> resident.leases == 0)
                .map(resident -> resident.evictableFrom)
                .filter(time -> time.isAfter(now))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
    }

    /// The bytes that all residents take.
    long taken() {
        return residents.values().stream().mapToLong(resident -> resident.bytes).sum();
    }

    /// A model's load begins: it takes memory and cannot be evicted.
    void loading(K model, long bytes) {
        if (residents.putIfAbsent(model, new Resident(bytes)) != null) {
            throw new IllegalStateException(model + " takes memory already");
        }
    }

    /// What a resident takes turns out to be this much; all together may then be above the budget,
    /// until room is asked for the next time.
    void weighs(K model, long bytes) {
        resident(model).bytes = bytes;
    }

    /// A model's load is done.
    void loaded(K model, Instant now) {
        resident(model).evictableFrom = now.plus(leastResidence);
    }

    /// A model takes no memory any more: evicted, or its load failed.
    void removed(K model) {
        if (resident(model).leases > 0) {
            throw new IllegalStateException(model + " is in use");
        }
        residents.remove(model);
    }

    /// A lease on a resident begins.
    void leased(K model) {
        Resident resident = resident(model);
        resident.leases++;
        resident.lastLeased = ++leasesEver;
    }

    /// A lease ends.
    void released(K model) {
        if (resident(model).leases == 0) {
            throw new IllegalStateException(model + " has no leases");
        }
        resident(model).leases--;
    }

    private Resident resident(K model) {
        return Objects.requireNonNull(residents.get(model), () -> model + " takes no memory");
    }
}
