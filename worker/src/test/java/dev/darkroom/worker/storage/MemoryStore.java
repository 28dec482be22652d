package dev.darkroom.worker.storage;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/// A bucket in memory.
final class MemoryStore implements ObjectStore {
    final ConcurrentMap<String, byte[]> objects = new ConcurrentHashMap<>();
    final ConcurrentMap<String, Map<String, String>> metadata = new ConcurrentHashMap<>();

    @Override
    public String bucket() {
        return "bucket";
    }

    @Override
    public Optional<byte[]> get(String key) {
        return Optional.ofNullable(objects.get(key));
    }

    @Override
    public void put(String key, byte[] content, String mediaType, Map<String, String> about) {
        objects.put(key, content);
        metadata.put(key, about);
    }

    @Override
    public boolean putIfAbsent(String key, byte[] content, String mediaType) {
        return objects.putIfAbsent(key, content) == null;
    }

    @Override
    public void delete(String key) {
        objects.remove(key);
    }

    @Override
    public void close() {}
}
