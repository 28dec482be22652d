package dev.darkroom.worker.intake;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A lease of a [ShareJobSource]: hands every settlement to the lease thread and waits for its
/// answer.
final class HeldLease implements Lease {
    private static final Logger LOG = LoggerFactory.getLogger(HeldLease.class);

    private final ShareJobSource source;
    private final @Nullable String key;
    private final byte[] value;
    private final Origin origin;
    private final int deliveryCount;

    // Guarded by this.
    private boolean lost;
    private boolean settled;
    private final List<Runnable> whenLost = new ArrayList<>();

    HeldLease(ShareJobSource source, ConsumerRecord<String, byte[]> record) {
        this.source = source;
        this.key = record.key();
        this.value = record.value() == null ? new byte[0] : record.value();
        this.origin = new Origin(record.topic(), record.partition(), record.offset());
        this.deliveryCount = record.deliveryCount().map(Short::intValue).orElse(1);
    }

    @Override
    public @Nullable String key() {
        return key;
    }

    @Override
    public byte[] value() {
        return value.clone();
    }

    @Override
    public Origin origin() {
        return origin;
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
    public void onLost(Runnable action) {
        synchronized (this) {
            if (!lost) {
                whenLost.add(action);
                return;
            }
        }
        action.run();
    }

    @Override
    public void accept() {
        settle(LeaseOrder.Settlement.ACCEPT);
    }

    @Override
    public void release() {
        try {
            settle(LeaseOrder.Settlement.RELEASE);
        } catch (LockLostException e) {
            LOG.debug("{} was to be released and is free already", origin, e);
        }
    }

    /// Marks the lock as lost and tells everybody who asked. Runs on the lease thread.
    void lose() {
        List<Runnable> actions;
        synchronized (this) {
            if (lost) {
                return;
            }
            lost = true;
            actions = List.copyOf(whenLost);
            whenLost.clear();
        }
        for (Runnable action : actions) {
            try {
                action.run();
            } catch (RuntimeException e) {
                LOG.error("A listener for the lost lock of {} failed", origin, e);
            }
        }
    }

    private void settle(LeaseOrder.Settlement how) {
        synchronized (this) {
            if (settled) {
                throw new IllegalStateException(origin + " is settled already");
            }
            settled = true;
        }
        CompletableFuture<Void> reply = new CompletableFuture<>();
        source.order(new LeaseOrder.Settle(this, how, reply));
        try {
            // Uninterruptible: the lease thread always answers, at the latest when the lock has
            // run out.
            reply.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof LockLostException lost) {
                throw lost;
            }
            throw e;
        }
    }
}
