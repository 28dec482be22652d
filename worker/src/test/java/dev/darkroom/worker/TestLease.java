package dev.darkroom.worker;

import dev.darkroom.worker.intake.Lease;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A record in hand, and what became of it.
final class TestLease implements Lease {
    private final byte[] value;
    private final int deliveryCount;
    private final List<Runnable> onLost = new ArrayList<>();
    private boolean lost;
    private String settled = "";

    TestLease(byte[] value, int deliveryCount) {
        this.value = value;
        this.deliveryCount = deliveryCount;
    }

    /// What became of it: empty, `accepted` or `released`.
    synchronized String settled() {
        return settled;
    }

    synchronized void lose() {
        lost = true;
        onLost.forEach(Runnable::run);
    }

    @Override
    public @Nullable String key() {
        return null;
    }

    @Override
    public byte[] value() {
        return value.clone();
    }

    @Override
    public Origin origin() {
        return new Origin("darkroom.jobs", 3, 4711);
    }

    @Override
    public int deliveryCount() {
        return deliveryCount;
    }

    @Override
    public synchronized boolean lost() {
        return lost;
    }

    @Override
    public synchronized void onLost(Runnable action) {
        onLost.add(action);
    }

    @Override
    public synchronized void accept() {
        settled = settled + "accepted";
    }

    @Override
    public synchronized void release() {
        settled = settled + "released";
    }
}
