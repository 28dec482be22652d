package dev.darkroom.ops.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.darkroom.ops.local.LocalS3;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.input.HttpsSource;
import dev.darkroom.worker.input.InputPictures;
import dev.darkroom.worker.input.InputRules;
import dev.darkroom.worker.input.Inputs;
import dev.darkroom.worker.storage.BodyTooLargeException;
import dev.darkroom.worker.storage.Patience;
import dev.darkroom.worker.storage.S3ObjectStore;
import dev.darkroom.worker.storage.S3Settings;
import dev.darkroom.worker.storage.StoreRefusedException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class S3InputsIT {
    private static final Duration SECOND = Duration.ofSeconds(1);

    @TempDir private static Path folder;

    @AutoClose private static LocalS3 s3;

    /// Opened for the worker's own bucket; inputs lie in another.
    @AutoClose private static S3ObjectStore store;

    @AutoClose private static HttpsSource https;

    @BeforeAll
    static void start() throws Exception {
        s3 = LocalS3.start(folder);
        s3.createBucket("darkroom");
        s3.createBucket("pictures");
        store = open("darkroom", s3.secretKey());
        https = HttpsSource.open(SECOND);
        try (S3ObjectStore pictures = open("pictures", s3.secretKey())) {
            pictures.put("a b/cat.png", png(24, 16), "image/png", Map.of());
            pictures.put("large", new byte[3_000_000], "image/png", Map.of());
        }
    }

    @Test
    void readsObjectsOfOtherBuckets() {
        assertThat(store.read("pictures", "a b/cat.png", 10_000)).isPresent();
        assertThat(store.read("pictures", "no cat.png", 10_000)).isEmpty();
    }

    @Test
    void neverReadsMoreThanIsAllowed() {
        assertThatThrownBy(() -> store.read("pictures", "large", 2_999_999))
                .isInstanceOf(BodyTooLargeException.class)
                .hasMessage("3000000 bytes long");
        assertThat(store.read("pictures", "large", 3_000_000)).isPresent();
    }

    @Test
    void tellsAMissingBucketAndWrongKeysFromAnOutage() {
        assertThatThrownBy(() -> store.read("nowhere", "cat.png", 10))
                .isInstanceOf(StoreRefusedException.class)
                .hasMessageContaining("s3://nowhere/cat.png")
                .hasMessageContaining("NoSuchBucket");
        try (S3ObjectStore stranger = open("darkroom", "wrong")) {
            assertThatThrownBy(() -> stranger.read("pictures", "a b/cat.png", 10_000))
                    .isInstanceOf(StoreRefusedException.class)
                    .hasMessageContaining("HTTP 403");
        }
    }

    @Test
    void bringsTheInputsOfAJob() throws Exception {
        InputPictures pictures =
                inputs(store).resolve(job("s3://pictures/a b/cat.png"), () -> false);
        assertThat(Objects.requireNonNull(pictures.init()).picture()).hasToString("24x16x3");
    }

    @Test
    void saysWhatIsWrongWithAnInput() {
        FailureException missing = refusal("s3://pictures/no cat.png");
        assertThat(missing.failure().code()).isEqualTo(FailureCode.INPUT_NOT_FOUND);
        assertThat(missing.failure().violations())
                .extracting(Violation::message)
                .containsExactly(
                        "spec.init.uri is s3://pictures/no cat.png, not there; legal: an object"
                                + " that exists");
        FailureException large = refusal("s3://pictures/large");
        assertThat(large.failure().code()).isEqualTo(FailureCode.LIMIT_EXCEEDED);
        assertThat(large).hasMessageContaining("3000000 bytes long; legal: at most 1000000 bytes");
        FailureException elsewhere = refusal("s3://secrets/cat.png");
        assertThat(elsewhere.failure().code()).isEqualTo(FailureCode.INPUT_REJECTED);
        assertThat(elsewhere).hasMessageContaining("an object in darkroom, pictures");
    }

    @Test
    void waitsForAStoreThatIsAway(@TempDir Path other) throws Exception {
        try (LocalS3 away = LocalS3.start(other)) {
            away.createBucket("pictures");
            try (S3ObjectStore far = open(away, "pictures", away.secretKey())) {
                far.put("cat.png", png(8, 8), "image/png", Map.of());
                away.stop();
                AtomicInteger pauses = new AtomicInteger();
                Patience patience =
                        new Patience(
                                Duration.ofMillis(50),
                                Duration.ofMillis(50),
                                _ -> {
                                    if (pauses.incrementAndGet() == 2) {
                                        away.start();
                                    }
                                },
                                RandomGenerator.getDefault());
                InputPictures pictures =
                        inputs(far, patience).resolve(job("s3://pictures/cat.png"), () -> false);
                assertThat(Objects.requireNonNull(pictures.init()).picture()).hasToString("8x8x3");
                assertThat(pauses).hasValue(2);
            }
        }
    }

    private static FailureException refusal(String uri) {
        return catchThrowableOfType(
                FailureException.class, () -> inputs(store).resolve(job(uri), () -> false));
    }

    private static Inputs inputs(S3ObjectStore objects) {
        return inputs(objects, Patience.standard());
    }

    private static Inputs inputs(S3ObjectStore objects, Patience patience) {
        return new Inputs(
                new InputRules(
                        Set.of("darkroom", "pictures"),
                        List.of(),
                        List.of(),
                        new InputRules.Sizes(1_000_000, 64, 4096),
                        new InputRules.Times(SECOND, SECOND)),
                new Inputs.Sources(objects, https),
                patience,
                InstantSource.system(),
                Runnable::run);
    }

    private static Spec job(String init) {
        return Job.image("emoji", "a cat").init(init).build().spec();
    }

    private static byte[] png(int width, int height) throws Exception {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB), "png", file);
        return file.toByteArray();
    }

    private static S3ObjectStore open(String bucket, String secretKey) {
        return open(s3, bucket, secretKey);
    }

    private static S3ObjectStore open(LocalS3 at, String bucket, String secretKey) {
        return S3ObjectStore.open(
                new S3Settings(
                        bucket,
                        new S3Settings.Place(
                                at.endpoint(), LocalS3.REGION, S3Settings.Addressing.PATH),
                        new S3Settings.Credentials(at.accessKey(), secretKey),
                        S3Settings.Checksums.WHEN_REQUIRED,
                        new S3Settings.Timeouts(
                                SECOND, Duration.ofSeconds(5), Duration.ofSeconds(10))));
    }
}
