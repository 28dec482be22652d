package dev.darkroom.worker.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.Control;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.InputUri;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Prompt;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.storage.Body;
import dev.darkroom.worker.storage.ObjectReader;
import dev.darkroom.worker.storage.Patience;
import dev.darkroom.worker.storage.StoreRefusedException;
import dev.darkroom.worker.storage.StoreUnavailableException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InputsTest {
    static final InputRules.Sizes SIZES = new InputRules.Sizes(10_000, 64, 2000);
    static final InputRules.Times TIMES =
            new InputRules.Times(Duration.ofSeconds(5), Duration.ofSeconds(30));

    private static final Path PICTURES = Path.of(System.getProperty("fixtures"), "pictures");

    /// What the bucket holds.
    private static final Map<String, String> OBJECTS =
            Map.of(
                    "cat.png", "png-rgb.png",
                    "mask.png", "png-grey.png",
                    "edges.jpg", "jpeg-444.jpg",
                    "gif", "refused/picture.gif",
                    "cut.png", "refused/cut.png",
                    "bomb.png", "refused/bomb-header.png");

    private final List<String> read = new ArrayList<>();
    private final HttpsSource https =
            new HttpsSource(
                    Duration.ofSeconds(5),
                    host -> {
                        throw new UnknownHostException(host);
                    },
                    null);
    private Instant now = Instant.EPOCH;
    private int outages;

    @AfterEach
    void close() {
        https.close();
    }

    @Test
    void bringsEveryInputWithTheDigestOfItsFile() throws Exception {
        InputPictures pictures =
                resolve(spec("s3://in/cat.png", "s3://in/mask.png", "s3://in/edges.jpg"));
        InputPictures.Input init = Objects.requireNonNull(pictures.init());
        assertThat(init.picture()).hasToString("24x16x3");
        assertThat(init.uri()).isEqualTo(new InputUri("s3://in/cat.png"));
        assertThat(init.sha256()).hasSize(64);
        assertThat(Objects.requireNonNull(pictures.mask()).picture()).hasToString("24x16x3");
        assertThat(pictures.control())
                .extracting(input -> input.picture().toString())
                .containsExactly("40x28x3");
    }

    @Test
    void aJobWithoutInputsReadsNothing() throws Exception {
        assertThat(resolve(spec(null, null))).isEqualTo(InputPictures.NONE);
        Spec sound =
                new AudioSpec(
                        new Prompt("rain", null),
                        Outputs.DEFAULTS,
                        new Sampling(null, null, null, null, null, null),
                        null,
                        null);
        assertThat(resolve(sound)).isEqualTo(InputPictures.NONE);
        assertThat(read).isEmpty();
    }

    @Test
    void anAddressThatIsNamedTwiceIsReadOnce() throws Exception {
        InputPictures pictures =
                resolve(spec("s3://in/cat.png", null, "s3://in/cat.png", "s3://in/cat.png"));
        assertThat(read).containsExactly("in/cat.png");
        assertThat(pictures.control()).containsOnly(Objects.requireNonNull(pictures.init()));
    }

    @Test
    void namesEveryInputThatCannotBeTaken() {
        FailureException refused =
                refusal(spec("s3://in/nothing.png", "s3://in/gif", "s3://in/cut.png"));
        assertThat(refused.failure().code()).isEqualTo(FailureCode.INPUT_NOT_FOUND);
        assertThat(refused.failure().violations())
                .extracting(Violation::message)
                .containsExactly(
                        "spec.init.uri is s3://in/nothing.png, not there; legal: an object that"
                                + " exists",
                        "spec.mask.uri is s3://in/gif, a file that begins with the bytes 47 49 46"
                                + " 38; legal: a PNG, JPEG or WebP file",
                        "spec.control[0].image.uri is s3://in/cut.png, a damaged PNG file (it ends"
                                + " too early); legal: a sound one");
    }

    @Test
    void refusesWhatIsTooLarge() {
        FailureException refused = refusal(spec("s3://in/large", "s3://in/bomb.png"));
        assertThat(refused.failure().code()).isEqualTo(FailureCode.LIMIT_EXCEEDED);
        assertThat(refused.failure().violations())
                .extracting(Violation::message)
                .containsExactly(
                        "spec.init.uri is s3://in/large, 10001 bytes long; legal: at most 10000"
                                + " bytes",
                        "spec.mask.uri is s3://in/bomb.png, a picture of 60000 × 60000 pixels;"
                                + " legal: at most 64 on a side");
    }

    @Test
    void allPicturesOfAJobShareItsPixels() {
        FailureException refused =
                refusal(
                        spec(
                                "s3://in/cat.png",
                                "s3://in/mask.png",
                                "s3://in/edges.jpg",
                                "s3://in/edges2.jpg"));
        assertThat(refused.failure().code()).isEqualTo(FailureCode.LIMIT_EXCEEDED);
        assertThat(refused.failure().violations())
                .extracting(Violation::message)
                .containsExactly(
                        "spec.control[1].image.uri is s3://in/edges2.jpg, a picture of 40 × 28"
                                + " pixels; legal: at most 112 pixels, beside the 1888 pixels of the"
                                + " job's other inputs");
    }

    @Test
    void anObjectThatMayNotBeReadIsNotFound() {
        FailureException refused = refusal(spec("s3://in/forbidden", null));
        assertThat(refused.failure().code()).isEqualTo(FailureCode.INPUT_NOT_FOUND);
        assertThat(refused)
                .hasMessageContaining(
                        "s3://in/forbidden, not readable (access denied); legal: an object that the"
                                + " worker may read");
    }

    @Test
    void asksNobodyAboutAnAddressThatIsNotAllowed() {
        FailureException refused = refusal(spec("s3://in/cat.png", "s3://elsewhere/mask.png"));
        assertThat(refused.failure().code()).isEqualTo(FailureCode.INPUT_REJECTED);
        assertThat(read).isEmpty();
    }

    @Test
    void waitsForTheStoreThatIsAway() throws Exception {
        outages = 20;
        assertThat(resolve(spec("s3://in/cat.png", null)).init()).isNotNull();
        assertThat(read).hasSize(21);
        assertThat(now).isAfter(Instant.EPOCH.plusSeconds(60));
    }

    @Test
    void stopsWaitingWhenTheJobIsStopped() {
        outages = 1000;
        assertThatThrownBy(() ->
                        inputs().resolve(spec("s3://in/cat.png", null), () -> read.size() >= 3))
                .isInstanceOf(StoreUnavailableException.class);
        assertThat(read).hasSize(3);
    }

    @Test
    void givesUpOnAHostThatDoesNotAnswer() {
        FailureException failed = refusal(spec("https://images.test/cat.png?key=secret", null));
        assertThat(failed.failure().code()).isEqualTo(FailureCode.STORAGE_UNAVAILABLE);
        assertThat(failed)
                .hasMessageContaining(
                        "spec.init.uri is https://images.test/cat.png, which could not be fetched"
                                + " for 30 s: The host images.test does not answer")
                .hasMessageNotContaining("secret");
        assertThat(now).isAfterOrEqualTo(Instant.EPOCH.plusSeconds(30));
    }

    private InputPictures resolve(Spec spec) throws InterruptedException {
        return inputs().resolve(spec, () -> false);
    }

    private FailureException refusal(Spec spec) {
        return catchThrowableOfType(FailureException.class, () -> resolve(spec));
    }

    private Inputs inputs() {
        ObjectReader objects = this::object;
        return new Inputs(
                new InputRules(
                        Set.of("in"),
                        List.of(HostPattern.of("images.test")),
                        List.of(),
                        SIZES,
                        TIMES),
                new Inputs.Sources(objects, https),
                new Patience(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10),
                        time -> now = now.plus(time),
                        RandomGenerator.of("L64X128MixRandom")),
                () -> now,
                Runnable::run);
    }

    private Optional<byte[]> object(String bucket, String key, int most) {
        read.add(bucket + "/" + key);
        if (outages > 0) {
            outages--;
            throw new StoreUnavailableException("away", new IOException("away"));
        }
        try {
            return switch (key) {
                case "large" ->
                        Optional.of(
                                Body.read(new ByteArrayInputStream(new byte[0]), most + 1L, most));
                case "forbidden" ->
                        throw new StoreRefusedException("access denied", new IOException("403"));
                case "edges2.jpg" -> Optional.of(file("jpeg-444.jpg"));
                default -> Optional.ofNullable(OBJECTS.get(key)).map(InputsTest::file);
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] file(String name) {
        try {
            return Files.readAllBytes(PICTURES.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Spec spec(@Nullable String init, @Nullable String mask, String... control) {
        List<Control> networks = new ArrayList<>();
        for (String uri : control) {
            networks.add(new Control("default", new InputUri(uri), 1, 0, 1));
        }
        return InputRulesTest.spec(
                new Guides(
                        init == null ? null : new InputUri(init),
                        null,
                        mask == null ? null : new InputUri(mask),
                        networks));
    }
}
