package dev.darkroom.worker;

import dev.darkroom.worker.storage.ObjectStore;
import dev.darkroom.worker.storage.StoreRefusedException;
import dev.darkroom.worker.storage.StoreUnavailableException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A bucket in memory, which can go away and come back, refuse some objects, and lose an answer.
final class MemoryStore implements ObjectStore {
    final ConcurrentMap<String, byte[]> objects = new ConcurrentHashMap<>();
    private final CountDownLatch refused = new CountDownLatch(1);
    private volatile boolean away;
    private volatile String refusing = "nothing";
    private volatile boolean losing;

    void goAway() {
        away = true;
    }

    void comeBack() {
        away = false;
    }

    /// Refuses to write objects whose keys end like this.
    void refuse(String end) {
        refusing = end;
    }

    /// Does the next conditional write, and fails all the same.
    void loseAnAnswer() {
        losing = true;
    }

    /// Waits until somebody was refused.
    void awaitRefusal() throws InterruptedException {
        if (!refused.await(10, TimeUnit.SECONDS)) {
            throw new AssertionError("nobody asked");
        }
    }

    @Override
    public String bucket() {
        return "bucket";
    }

    @Override
    public Optional<byte[]> get(String key) {
        check();
        return Optional.ofNullable(objects.get(key));
    }

    @Override
    public void put(String key, byte[] content, String mediaType, Map<String, String> metadata) {
        check();
        if (key.endsWith(refusing)) {
            refused.countDown();
            throw new StoreRefusedException("no", new IllegalStateException("for the test"));
        }
        objects.put(key, content);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content, String mediaType) {
        check();
        boolean created = objects.putIfAbsent(key, content) == null;
        if (losing) {
            losing = false;
            throw new StoreUnavailableException("lost", new IllegalStateException("for the test"));
        }
        return created;
    }

    @Override
    public void delete(String key) {
        check();
        objects.remove(key);
    }

    @Override
    public void close() {}

    private void check() {
        if (away) {
            refused.countDown();
            throw new StoreUnavailableException("away", new IllegalStateException("for the test"));
        }
    }
}
