package dev.darkroom.ops.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.darkroom.ops.local.LocalS3;
import dev.darkroom.worker.storage.Patience;
import dev.darkroom.worker.storage.S3ObjectStore;
import dev.darkroom.worker.storage.S3Settings;
import dev.darkroom.worker.storage.S3Settings.Addressing;
import dev.darkroom.worker.storage.S3Settings.Checksums;
import dev.darkroom.worker.storage.S3Settings.Credentials;
import dev.darkroom.worker.storage.S3Settings.Place;
import dev.darkroom.worker.storage.S3Settings.Timeouts;
import dev.darkroom.worker.storage.StoreRefusedException;
import dev.darkroom.worker.storage.StoreUnavailableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class S3ObjectStoreIT {
    private static final Timeouts SHORT =
            new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(10));

    @TempDir static Path folder;

    @AutoClose private static LocalS3 s3;

    @BeforeAll
    static void start() {
        s3 = LocalS3.start(folder);
        s3.createBucket("darkroom");
        s3.createBucket("darkroom");
    }

    @ParameterizedTest
    @EnumSource
    void writesReadsAndDeletesWithEitherKindOfChecksums(Checksums checksums) {
        try (S3ObjectStore store = store(s3, "darkroom", keys(s3), checksums)) {
            String key = "a b/ä+c/" + checksums + ".txt";
            byte[] content = "content".getBytes(StandardCharsets.UTF_8);
            assertThat(store.get(key)).isEmpty();
            store.put(key, content, "text/plain", Map.of("seed", "42"));
            assertThat(store.get(key)).contains(content);
            store.delete(key);
            store.delete(key);
            assertThat(store.get(key)).isEmpty();
        }
    }

    @Test
    void exactlyOneOfSixteenConditionalWritersWins() throws Exception {
        int writers = 16;
        try (S3ObjectStore store = store("darkroom");
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 5; round++) {
                String key = "race-" + round + "/manifest.json";
                CyclicBarrier together = new CyclicBarrier(writers);
                List<Future<Boolean>> results = new ArrayList<>();
                for (int i = 0; i < writers; i++) {
                    byte[] mine = ("writer " + i).getBytes(StandardCharsets.UTF_8);
                    results.add(
                            threads.submit(() -> {
                                together.await();
                                return store.putIfAbsent(key, mine, "application/json");
                            }));
                }
                List<Integer> winners = new ArrayList<>();
                for (int i = 0; i < writers; i++) {
                    if (results.get(i).get()) {
                        winners.add(i);
                    }
                }
                assertThat(winners).hasSize(1);
                assertThat(new String(store.get(key).orElseThrow(), StandardCharsets.UTF_8))
                        .isEqualTo("writer " + winners.getFirst());
            }
        }
    }

    @Test
    void probeOfAGoodBucketFindsNothingAndLeavesNothingBehind() throws Exception {
        s3.createBucket("good");
        try (S3ObjectStore store = store("good")) {
            assertThat(store.probe()).isEmpty();
        }
        try (Stream<Path> files = Files.walk(s3.folder().resolve("good"))) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    @Test
    void probeNamesTheMissingBucketAndTheEndpoint() {
        try (S3ObjectStore store = store("missing")) {
            assertThat(store.probe())
                    .singleElement()
                    .asString()
                    .contains(
                            "bucket missing does not exist", s3.endpoint().toString(), "Create it");
            assertThatThrownBy(() -> store.put("key", new byte[1], "text/plain", Map.of()))
                    .isInstanceOf(StoreRefusedException.class)
                    .hasMessageContaining("s3://missing/key")
                    .hasMessageContaining("NoSuchBucket");
            assertThatThrownBy(() -> store.get("key")).isInstanceOf(StoreRefusedException.class);
        }
    }

    @Test
    void probeNamesWrongCredentials() {
        try (S3ObjectStore store =
                store(
                        s3,
                        "darkroom",
                        new Credentials("darkroom", "wrong"),
                        Checksums.WHEN_SUPPORTED)) {
            assertThat(store.probe())
                    .singleElement()
                    .asString()
                    .contains("credentials may not use the bucket darkroom");
            assertThatThrownBy(() -> store.get("key"))
                    .isInstanceOf(StoreRefusedException.class)
                    .hasMessageContaining("s3://darkroom/key");
        }
    }

    @Test
    void waitsForAStoreThatIsAwayAndGoesOnWhenItIsBack(@TempDir Path other) throws Exception {
        try (LocalS3 away = LocalS3.start(other)) {
            away.createBucket("darkroom");
            try (S3ObjectStore store =
                    store(away, "darkroom", keys(away), Checksums.WHEN_SUPPORTED)) {
                away.stop();
                assertThatThrownBy(() -> store.get("key"))
                        .isInstanceOf(StoreUnavailableException.class)
                        .hasMessageContaining(away.endpoint().toString());
                assertThat(store.probe())
                        .singleElement()
                        .asString()
                        .contains("cannot be reached", away.endpoint().toString());
                List<Duration> slept = new ArrayList<>();
                Patience patience =
                        new Patience(
                                Duration.ofMillis(50),
                                Duration.ofMillis(50),
                                time -> {
                                    slept.add(time);
                                    if (slept.size() == 2) {
                                        away.start();
                                    }
                                },
                                RandomGenerator.getDefault());
                boolean created =
                        patience.call(
                                () -> store.putIfAbsent("key", new byte[] {1}, "text/plain"),
                                () -> false);
                assertThat(created).isTrue();
                assertThat(slept).hasSize(2);
                assertThat(store.get("key")).contains(new byte[] {1});
            }
        }
    }

    private static S3ObjectStore store(String bucket) {
        return store(s3, bucket, keys(s3), Checksums.WHEN_SUPPORTED);
    }

    private static S3ObjectStore store(
            LocalS3 at, String bucket, Credentials keys, Checksums checksums) {
        Place place = new Place(at.endpoint(), LocalS3.REGION, Addressing.PATH);
        return S3ObjectStore.open(new S3Settings(bucket, place, keys, checksums, SHORT));
    }

    private static Credentials keys(LocalS3 at) {
        return new Credentials(at.accessKey(), at.secretKey());
    }
}
