package dev.darkroom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.protocol.client.DarkroomClient;
import dev.darkroom.protocol.event.Artifact;
import dev.darkroom.protocol.event.JobEvent;
import dev.darkroom.protocol.event.JobEvent.Completed;
import dev.darkroom.protocol.event.JobEvent.Failed;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.Violation;
import dev.darkroom.protocol.job.Job;
import dev.darkroom.protocol.job.JobBuilder;
import dev.darkroom.protocol.topic.Topics;
import dev.darkroom.worker.Worker;
import dev.darkroom.worker.media.Picture;
import dev.darkroom.worker.media.PictureLimits;
import dev.darkroom.worker.media.Pictures;
import dev.darkroom.worker.storage.S3ObjectStore;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Jobs with pictures, in and out, on a real broker and a real object store.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InputsIT {
    private static final int SIDE = 64;
    private static final PictureLimits LIMITS = new PictureLimits(SIDE, SIDE * SIDE);
    private static final String RED = "s3://darkroom/inputs/red.png";
    private static final String APPLE = "s3://darkroom/inputs/apple.png";
    private static final String RIGHT = "s3://darkroom/inputs/right.png";

    @TempDir private static Path folder;
    @AutoClose private static Fleet fleet;
    private static Worker worker;
    private static DarkroomClient client;

    @BeforeAll
    static void start() throws Exception {
        fleet = new Fleet(folder);
        try (S3ObjectStore store = fleet.store()) {
            store.put("inputs/red.png", red(), "image/png", Map.of());
            store.put("inputs/apple.png", exampleApple(), "image/png", Map.of());
            store.put("inputs/right.png", rightHalf(), "image/png", Map.of());
            byte[] text = "no picture".getBytes(StandardCharsets.UTF_8);
            store.put("inputs/text.png", text, "image/png", Map.of());
        }
        Topics topics = fleet.lane("inputs");
        worker = fleet.worker(topics, Map.of(), new RunRecords());
        client = fleet.client(topics);
    }

    @AfterAll
    static void stop() {
        client.close();
        worker.close();
    }

    @Test
    void startsFromAPictureOfTheBucketAndChangesItAsPromptAndStrengthSay() throws Exception {
        Picture kept = only(end(apple().init(APPLE).strength(0.125)));
        Picture changed = only(end(tangerine().init(APPLE).strength(0.875)));

        // Of 255 levels, on average.
        Picture apple = Pictures.decode(exampleApple(), LIMITS);
        assertThat(difference(kept, apple, 0, SIDE)).isLessThan(3);
        assertThat(difference(changed, apple, 0, SIDE)).isGreaterThan(20);
    }

    @Test
    void changesAPictureUnderItsMaskAlone() throws Exception {
        Picture made = only(end(tangerine().init(APPLE).mask(RIGHT).strength(1.0)));

        Picture apple = Pictures.decode(exampleApple(), LIMITS);
        assertThat(difference(made, apple, 0, SIDE / 4))
                .isLessThan(difference(made, apple, SIDE / 2, SIDE) / 2);
    }

    @Test
    void givesTheSameBytesForTheSamePictures() {
        String first = sha256(end(apple().init(RED).mask(RIGHT)));

        assertThat(sha256(end(apple().init(RED).mask(RIGHT)))).isEqualTo(first);
        assertThat(sha256(end(apple().init(RED)))).isNotEqualTo(first);
    }

    @ParameterizedTest
    @CsvSource({
        "s3://darkroom/inputs/none.png, INPUT_NOT_FOUND, not there",
        "s3://darkroom/inputs/text.png, INPUT_REJECTED, text.png",
        "s3://elsewhere/a.png, INPUT_REJECTED, inputs.buckets",
        "https://example.org/a.png, INPUT_REJECTED, inputs.hosts"
    })
    void failsWithWhatIsWrongWithAPicture(String uri, FailureCode code, String words) {
        Failed failed = (Failed) client.submit(apple().init(uri)).events().toList().getLast();

        assertThat(failed.failure().code()).isEqualTo(code);
        assertThat(failed.failure().violations())
                .extracting(Violation::field)
                .containsExactly("spec.init.uri");
        assertThat(failed.failure().message()).contains(uri, words);
    }

    @ParameterizedTest
    @CsvSource({"jpeg, image/jpeg, Exif", "webp, image/webp, EXIF"})
    void writesTheFormatThatTheJobAsksFor(String format, String mediaType, String mark) {
        Completed completed = end(apple().init(RED).format(format).quality(80));

        Artifact.Stored stored = (Artifact.Stored) completed.artifacts().getFirst();
        byte[] file = fleet.object(stored.object());
        assertThat(stored.object().mediaType()).isEqualTo(mediaType);
        assertThat(stored.object().sha256()).isEqualTo(dev.darkroom.ops.Pictures.sha256(file));
        assertThat(stored.dimensions().width()).isEqualTo(SIDE);
        assertThat(new String(file, StandardCharsets.ISO_8859_1))
                .contains(mark, "trainedAlgorithmicMedia", "a red apple", RED);
        assertThat(only(completed).height()).isEqualTo(SIDE);
    }

    private static JobBuilder apple() {
        return Job.image("emoji", "a red apple").seed(7).steps(8);
    }

    private static JobBuilder tangerine() {
        return apple().prompt("tangerine");
    }

    private static Completed end(JobBuilder job) {
        JobEvent last = client.submit(job).events().toList().getLast();
        assertThat(last).isInstanceOf(Completed.class);
        return (Completed) last;
    }

    private static String sha256(Completed completed) {
        return ((Artifact.Stored) completed.artifacts().getFirst()).object().sha256();
    }

    private static Picture only(Completed completed) {
        assertThat(completed.artifacts()).hasSize(1);
        Artifact.Stored stored = (Artifact.Stored) completed.artifacts().getFirst();
        return Pictures.decode(fleet.object(stored.object()), LIMITS);
    }

    /// How far two pictures are apart in some columns, in levels on average.
    private static double difference(Picture one, Picture other, int from, int to) {
        long apart = 0;
        for (int y = 0; y < SIDE; y++) {
            for (int x = from; x < to; x++) {
                for (int channel = 0; channel < 3; channel++) {
                    apart += Math.abs(one.level(x, y, channel) - other.level(x, y, channel));
                }
            }
        }
        return apart / (SIDE * (to - from) * 3.0);
    }

    private static byte[] exampleApple() throws IOException {
        return Files.readAllBytes(
                Path.of(Objects.requireNonNull(System.getProperty("models")))
                        .resolveSibling("examples/guided/apple.png"));
    }

    /// Red, and not of the model's size.
    private static byte[] red() throws IOException {
        return png(Color.RED, 0);
    }

    private static byte[] rightHalf() throws IOException {
        return png(Color.WHITE, 40);
    }

    /// A picture of 80 × 80 pixels, black up to column `from` and of one colour from there.
    private static byte[] png(Color colour, int from) throws IOException {
        BufferedImage picture = new BufferedImage(80, 80, BufferedImage.TYPE_INT_RGB);
        Graphics2D pen = picture.createGraphics();
        pen.setColor(colour);
        pen.fillRect(from, 0, 80 - from, 80);
        pen.dispose();
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ImageIO.write(picture, "png", file);
        return file.toByteArray();
    }
}
