package dev.darkroom.worker;

import dev.darkroom.worker.storage.ObjectStore;
import dev.darkroom.worker.storage.StoreUnavailableException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// A bucket in memory, which can go away and come back.
final class MemoryStore implements ObjectStore {
    final ConcurrentMap<String, byte[]> objects = new ConcurrentHashMap<>();
    private final CountDownLatch refused = new CountDownLatch(1);
    private volatile boolean away;

    void goAway() {
        away = true;
    }

    void comeBack() {
        away = false;
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
        objects.put(key, content);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content, String mediaType) {
        check();
        return objects.putIfAbsent(key, content) == null;
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
