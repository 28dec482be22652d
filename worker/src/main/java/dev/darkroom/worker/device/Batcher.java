package dev.darkroom.worker.device;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The bookkeeping of the device lane: which rows wait, and which of them share the next run.
///
/// A pure class: no thread and no clock of its own. Times are nanoseconds of one monotonic clock,
/// given by the caller, who also holds the lock. Life of a run: [#next] names the batch; then
/// exactly one of [#computed], [#failed], [#outOfMemory] and [#terminated] says how it went.
///
/// Rows that wait are kept in one queue per [BatchKey], in the order of arrival. The queues take
/// turns by deficit round robin, counted in expected device time.
final class Batcher {
    // Deficit round robin: M. Shreedhar and G. Varghese, "Efficient Fair Queueing Using Deficit
    // Round Robin", IEEE/ACM Transactions on Networking 4(3), 1996. The quantum is the cost of the
    // dearest run that any queue would make now, so that each visit allows at least one run; a
    // cheap queue with a backlog gets as many runs as take that long together.

    /// The wait for jobs to come back is at most the run's time divided by this: 2 %.
    private static final int WAIT_DIVISOR = 50;

    /// Profiles whose measurements are kept; the least recently used one is forgotten.
    private static final int GREATEST_PROFILES = 256;

    private final CapPolicy policy;
    private final Map<Profile, BatchCap> caps = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<BatchKey, Queue> queues = new HashMap<>();
    private final Deque<Queue> ring = new ArrayDeque<>();
    private int rowsWaiting;

    // The run under way.
    private @Nullable Batch running;
    private @Nullable Queue charged;
    private long chargedNanos;

    // After a scatter.
    private final Set<Seat> expected = new HashSet<>();
    private @Nullable Profile expectedAt;
    private long expectedUntil;

    /// Nothing waits, nothing is known.
    Batcher(CapPolicy policy) {
        this.policy = policy;
    }

    /// What the device should do.
    sealed interface Next {
        /// Compute this batch.
        record Run(Batch batch) implements Next {}

        /// Ask again at that time, or when something was submitted or withdrawn.
        record Wait(long untilNanos) implements Next {}

        /// Ask again when something was submitted.
        record Idle() implements Next {}
    }

    /// All rows of `work` wait from now on.
    void submit(Work work) {
        expected.remove(work.seat());
        Queue queue = queue(work.key());
        queue.waiting.addLast(new Slice(work, 0, work.evaluation().rows()));
        grow(queue, work.evaluation().rows());
    }

    /// Takes every row of this job out, and returns its evaluations that had not ended, those in
    /// the run under way included. The caller ends them.
    Set<Work> withdraw(Seat seat) {
        expected.remove(seat);
        Set<Work> works = new LinkedHashSet<>();
        if (running != null) {
            running.slices().stream()
                    .map(Slice::work)
                    .filter(work -> work.seat() == seat && !work.ended())
                    .forEach(works::add);
        }
        for (Queue queue : queues.values()) {
            queue.slices().stream()
                    .map(Slice::work)
                    .filter(work -> work.seat() == seat)
                    .forEach(works::add);
        }
        works.forEach(this::remove);
        return works;
    }

    /// Takes every row of every job out, as [#withdraw] does.
    Set<Work> withdrawAll() {
        Set<Seat> seats = new LinkedHashSet<>();
        if (running != null) {
            running.slices().forEach(slice -> seats.add(slice.work().seat()));
        }
        for (Queue queue : queues.values()) {
            queue.slices().forEach(slice -> seats.add(slice.work().seat()));
        }
        Set<Work> works = new LinkedHashSet<>();
        seats.forEach(seat -> works.addAll(withdraw(seat)));
        return works;
    }

    /// Whether a run is under way and nobody wants any of its rows.
    boolean abandoned() {
        return running != null && running.slices().stream().allMatch(slice -> slice.work().ended());
    }

    /// Forgets what was learnt about this graph.
    void forget(Graph graph) {
        caps.keySet().removeIf(profile -> profile.isOf(graph));
    }

    /// Decides what to do at `now`.
    ///
    /// @throws IllegalStateException while a run is under way
    Next next(long now) {
        if (running != null) {
            throw new IllegalStateException("a run is under way: " + running.key().profile());
        }
        if (ring.isEmpty()) {
            return new Next.Idle();
        }
        if (worthWaiting(now)) {
            return new Next.Wait(expectedUntil);
        }
        expected.clear();
        Queue queue = choose();
        Batch batch = take(queue);
        running = batch;
        charged = queue;
        chargedNanos = cap(queue.key.profile()).estimateNanos(batch.rows());
        queue.deficit -= chargedNanos;
        return new Next.Run(batch);
    }

    /// The run went well. Returns the evaluations that are complete now; the caller ends them.
    List<Work> computed(Batch batch, long nanos, long now) {
        finish(batch, nanos);
        boolean full =
                switch (batch.why()) {
                    case CAP, TRIAL, MEMORY -> true;
                    case ALL_WAITING, RETRY -> false;
                };
        cap(batch.key().profile()).ran(batch.rows(), nanos, full);
        List<Work> complete = new ArrayList<>();
        expected.clear();
        for (Slice slice : batch.slices()) {
            if (!slice.work().ended() && slice.work().computed(slice.rows())) {
                complete.add(slice.work());
                expected.add(slice.work().seat());
            }
        }
        expectedAt = batch.key().profile();
        expectedUntil = now + nanos / WAIT_DIVISOR;
        return complete;
    }

    /// The run was refused for a reason other than memory. Returns the evaluation to blame, when
    /// the rows were all of one; the caller ends it. Otherwise the rows will run again in halves.
    List<Work> failed(Batch batch, long nanos) {
        finish(batch, nanos);
        List<Slice> slices = wanted(batch);
        if (slices.size() > 1) {
            int middle = slices.size() / 2;
            retry(batch.key(), slices.subList(0, middle), slices.subList(middle, slices.size()));
            return List.of();
        }
        return blame(slices);
    }

    /// The run did not fit into memory. Returns the evaluation that cannot be computed, when it was
    /// a single row; the caller ends it. Otherwise the rows will run again in halves.
    List<Work> outOfMemory(Batch batch, long nanos) {
        finish(batch, nanos);
        cap(batch.key().profile()).outOfMemory(batch.rows());
        List<Slice> slices = wanted(batch);
        int rows = slices.stream().mapToInt(Slice::rows).sum();
        if (rows > 1) {
            Deque<Slice> second = new ArrayDeque<>(slices);
            List<Slice> first = poll(second, rows / 2);
            retry(batch.key(), first, List.copyOf(second));
            return List.of();
        }
        return blame(slices);
    }

    /// The run was ended early. Rows that somebody still wants wait again, before all others.
    void terminated(Batch batch, long nanos) {
        finish(batch, nanos);
        List<Slice> slices = wanted(batch);
        if (!slices.isEmpty()) {
            Queue queue = queue(batch.key());
            for (Slice slice : slices.reversed()) {
                queue.waiting.addFirst(slice);
                grow(queue, slice.rows());
            }
        }
    }

    /// Rows that wait.
    int rowsWaiting() {
        return rowsWaiting;
    }

    private boolean worthWaiting(long now) {
        if (expected.isEmpty() || expectedAt == null || now - expectedUntil >= 0) {
            return false;
        }
        int cap = cap(expectedAt).rows();
        for (Queue queue : ring) {
            if (!queue.key.profile().equals(expectedAt)
                    || !queue.retries.isEmpty()
                    || queue.rows >= cap) {
                return false;
            }
        }
        return true;
    }

    private Queue choose() {
        long quantum = 1;
        for (Queue queue : ring) {
            quantum = Math.max(quantum, cost(queue));
        }
        skipRoundsWithoutARun(quantum);
        while (true) {
            Queue queue = ring.getFirst();
            if (!queue.visited) {
                queue.visited = true;
                queue.deficit += quantum;
            }
            if (queue.deficit >= cost(queue)) {
                return queue;
            }
            queue.visited = false;
            ring.addLast(ring.removeFirst());
        }
    }

    /// Gives at once what would be given in rounds that nobody can afford a run in. A run that
    /// failed late is charged without telling what runs cost, so there may be millions of them.
    private void skipRoundsWithoutARun(long quantum) {
        long rounds = Long.MAX_VALUE;
        for (Queue queue : ring) {
            long lacking = Math.max(0, cost(queue) - queue.deficit);
            rounds = Math.min(rounds, Math.ceilDiv(lacking, quantum));
        }
        if (rounds > 1) {
            for (Queue queue : ring) {
                queue.deficit += (rounds - 1) * quantum;
            }
        }
    }

    private long cost(Queue queue) {
        BatchCap cap = cap(queue.key.profile());
        List<Slice> retry = queue.retries.peekFirst();
        int rows =
                retry == null
                        ? Math.min(queue.rows, cap.rows())
                        : retry.stream().mapToInt(Slice::rows).sum();
        return cap.estimateNanos(rows);
    }

    private Batch take(Queue queue) {
        BatchCap cap = cap(queue.key.profile());
        List<Slice> slices = queue.retries.pollFirst();
        RunRecord.Why why = RunRecord.Why.RETRY;
        if (slices == null) {
            boolean all = queue.rows <= cap.rows();
            if (all) {
                why = RunRecord.Why.ALL_WAITING;
            } else if (cap.heldByMemory()) {
                why = RunRecord.Why.MEMORY;
            } else {
                why = cap.trying() ? RunRecord.Why.TRIAL : RunRecord.Why.CAP;
            }
            slices = poll(queue.waiting, cap.rows());
        }
        shrink(queue, slices.stream().mapToInt(Slice::rows).sum());
        return new Batch(queue.key, slices, why, rowsWaiting);
    }

    private static List<Slice> poll(Deque<Slice> waiting, int most) {
        List<Slice> slices = new ArrayList<>();
        int left = most;
        while (left > 0 && !waiting.isEmpty()) {
            Slice slice = waiting.removeFirst();
            if (slice.rows() > left) {
                waiting.addFirst(slice.tail(left));
                slice = slice.head(left);
            }
            slices.add(slice);
            left -= slice.rows();
        }
        return slices;
    }

    private void finish(Batch batch, long nanos) {
        if (!batch.equals(running)) {
            throw new IllegalStateException("not under way: " + batch.key().profile());
        }
        running = null;
        if (charged != null) {
            charged.deficit += chargedNanos - nanos;
            charged = null;
        }
        long share = nanos / batch.rows();
        batch.slices().forEach(slice -> slice.work().seat().charge(share * slice.rows()));
    }

    private static List<Slice> wanted(Batch batch) {
        return batch.slices().stream().filter(slice -> !slice.work().ended()).toList();
    }

    private List<Work> blame(List<Slice> slices) {
        List<Work> works = slices.stream().map(Slice::work).distinct().toList();
        works.forEach(this::remove);
        return works;
    }

    private void retry(BatchKey key, List<Slice> first, List<Slice> second) {
        Queue queue = queue(key);
        for (List<Slice> part : List.of(second, first)) {
            queue.retries.addFirst(List.copyOf(part));
            grow(queue, part.stream().mapToInt(Slice::rows).sum());
        }
    }

    private Queue queue(BatchKey key) {
        Queue queue = queues.get(key);
        if (queue == null) {
            queue = new Queue(key);
            queues.put(key, queue);
            ring.addLast(queue);
        }
        return queue;
    }

    private void grow(Queue queue, int rows) {
        queue.rows += rows;
        rowsWaiting += rows;
    }

    private void shrink(Queue queue, int rows) {
        queue.rows -= rows;
        rowsWaiting -= rows;
        if (queue.rows == 0) {
            queues.remove(queue.key);
            ring.remove(queue);
        }
    }

    private void remove(Work work) {
        Queue queue = queues.get(work.key());
        if (queue != null) {
            shrink(queue, queue.remove(work));
        }
    }

    private BatchCap cap(Profile profile) {
        BatchCap cap = caps.get(profile);
        if (cap == null) {
            cap = new BatchCap(profile.singleRow() ? new CapPolicy.Fixed(1) : policy);
            caps.put(profile, cap);
            if (caps.size() > GREATEST_PROFILES) {
                Iterator<Profile> eldest = caps.keySet().iterator();
                eldest.next();
                eldest.remove();
            }
        }
        return cap;
    }

    /// The rows of one key that wait. Compared by identity.
    private static final class Queue {
        final BatchKey key;
        final Deque<Slice> waiting = new ArrayDeque<>();
        final Deque<List<Slice>> retries = new ArrayDeque<>();
        int rows;
        long deficit;
        boolean visited;

        Queue(BatchKey key) {
            this.key = key;
        }

        List<Slice> slices() {
            List<Slice> slices = new ArrayList<>(waiting);
            retries.forEach(slices::addAll);
            return slices;
        }

        /// Takes the rows of `work` out and returns how many those were.
        int remove(Work work) {
            int before = rowsOf(slices());
            waiting.removeIf(slice -> slice.work() == work);
            List<List<Slice>> kept = new ArrayList<>();
            for (List<Slice> retry : retries) {
                List<Slice> others = retry.stream().filter(slice -> slice.work() != work).toList();
                if (!others.isEmpty()) {
                    kept.add(others);
                }
            }
            retries.clear();
            retries.addAll(kept);
            return before - rowsOf(slices());
        }

        private static int rowsOf(List<Slice> slices) {
            return slices.stream().mapToInt(Slice::rows).sum();
        }
    }
}
