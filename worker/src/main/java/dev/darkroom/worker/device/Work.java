package dev.darkroom.worker.device;

import java.util.concurrent.CompletableFuture;

/// One evaluation on its way through the lane.
final class Work {
    private final Seat seat;
    private final Evaluation evaluation;
    private final BatchKey key;
    private final CompletableFuture<Ending> ending = new CompletableFuture<>();

    // Guarded by the lane's lock.
    private int rowsLeft;

    /// All rows of the evaluation, none computed yet.
    Work(Seat seat, Evaluation evaluation, BatchKey key) {
        this.seat = seat;
        this.evaluation = evaluation;
        this.key = key;
        this.rowsLeft = evaluation.rows();
    }

    /// Whose it is.
    Seat seat() {
        return seat;
    }

    /// What is to be computed.
    Evaluation evaluation() {
        return evaluation;
    }

    /// What its rows may share a run with.
    BatchKey key() {
        return key;
    }

    /// Notes that `rows` more rows are computed; true when those were the last.
    boolean computed(int rows) {
        rowsLeft -= rows;
        return rowsLeft == 0;
    }

    /// Ends it. Only the first ending counts.
    void end(Ending how) {
        ending.complete(how);
    }

    /// Whether it has ended: then its tensors belong to the job again.
    boolean ended() {
        return ending.isDone();
    }

    /// Parks the caller until it has ended.
    Ending await() {
        return ending.join();
    }
}
