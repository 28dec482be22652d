package dev.darkroom.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DarkroomTest {
    /// A port that nobody listens on: the operating system gives it to nobody.
    private static final String NOBODY = "--bootstrap=127.0.0.1:1";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "local",
                "worker",
                "submit",
                "follow",
                "cancel",
                "reproduce",
                "models",
                "parity",
                "topics create"
            })
    void everyCommandExplainsItselfAndItsExitStatus(String command) {
        assertThat(run((command + " --help").split(" "))).isZero();
        assertThat(written(out)).contains("Usage: darkroom " + command, "Exit status:", "130");
        assertThat(written(err)).isEmpty();
    }

    @Test
    void withoutACommandItListsThemAndIsWrongUsage() {
        assertThat(run()).isEqualTo(Exit.USAGE.code());
        assertThat(written(err)).contains("demo", "local", "worker", "submit", "topics");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "submitt",
                "submit --sed=1 x",
                "submit --seed=x y",
                "submit x --label=a",
                "demo",
                "cancel"
            })
    void wrongUsageIsOneLineAndWhereToLook(String line) {
        assertThat(run(line.split(" "))).isEqualTo(Exit.USAGE.code());
        assertThat(written(err).lines()).hasSize(2).last().asString().endsWith("--help");
    }

    @ParameterizedTest
    @CsvSource({
        "demoo, unknown command 'demoo'; did you mean demo?",
        "submit x --stepz=3, unknown option '--stepz=3'; did you mean --steps?",
        "submit x --stepz 3, unknown option '--stepz'; did you mean --steps?",
        "topics creat, unknown command 'creat'; did you mean create?",
        "cancel a b, unknown argument 'b'"
    })
    void whatIsUnknownIsAnsweredWithTheNearest(String line, String answer) {
        assertThat(run(line.split(" "))).isEqualTo(Exit.USAGE.code());
        assertThat(written(err)).contains(": " + answer);
    }

    @ParameterizedTest
    @CsvSource({
        "local --kafka-port=70000, 0 to 65535",
        "demo x --count=two, legal: a whole number",
        "demo x --steps=99999999999, legal: a whole number",
        "submit x --guidance=high, legal: a number",
        "submit x --deadline=tomorrow, legal: a time like 2030-01-31T12:00:00Z",
        "topics create --lock-seconds=long, legal: a whole number",
        "follow a --timeout=0, at least 1",
        "follow --timeout=5, --timeout is for one job",
        "reproduce /no/such/manifest, it does not exist",
        "reproduce s3:// , s3://bucket/key",
        "submit --file=/no/such/job, it does not exist",
        "submit x --out=/dev/null, /dev/null is a file",
        "parity /no/such/folder, DIR is /no/such/folder; legal: a folder that exists",
        "parity . --models=/no/such/folder, --models is /no/such/folder",
        "parity src/test, src/test has nothing to try"
    })
    void wrongValueIsAnsweredWithWhatIsLegal(String line, String answer) {
        assertThat(run(line.split(" "))).isEqualTo(Exit.USAGE.code());
        assertThat(written(err)).contains(answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--init", "--mask", "--control"})
    void pictureThatIsNeitherAFileNorAnAddressIsRefusedWithWhatIsLegal(String option) {
        assertThat(run("submit", "x", option, "none.png", NOBODY)).isEqualTo(Exit.USAGE.code());
        assertThat(written(err))
                .contains(
                        option
                                + " is none.png, which cannot be read: it does not exist; legal: a"
                                + " file, s3://bucket/key or a presigned https:// address");
    }

    @Test
    void oneSideOfAPictureMayBeLeftToTheModel() {
        assertThat(run("submit", "x", "--width=64", NOBODY)).isEqualTo(Exit.ENVIRONMENT.code());
        assertThat(written(err)).contains("127.0.0.1:1").hasLineCount(1);
    }

    @Test
    void jobThatNoWorkerWouldTakeIsRefusedWithEveryProblemBeforeItIsSent() {
        assertThat(run("submit", "x", "--steps=0", "--scheduler=eulr", "--count=0", NOBODY))
                .isEqualTo(Exit.USAGE.code());
        assertThat(written(err))
                .contains("spec.steps is 0", "spec.count is 0", "spec.scheduler is \"eulr\"")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--format=jpeg", "--init=s3://a/b", "--control=s3://a/b"})
    void optionsOfPicturesBesideAFileAreRefused(String option) {
        assertThat(run("submit", "--file=job.json", option)).isEqualTo(Exit.USAGE.code());
        assertThat(written(err)).contains("--file holds the whole job");
    }

    @Test
    void optionsBesideAFileAreRefused() {
        assertThat(run("submit", "--file=job.json", "--steps=3", NOBODY))
                .isEqualTo(Exit.USAGE.code());
        assertThat(written(err)).contains("--file holds the whole job");
    }

    @Test
    void missingBrokerIsNamedWithWhatHelps() {
        assertThat(run("cancel", "some-job", NOBODY)).isEqualTo(Exit.ENVIRONMENT.code());
        assertThat(written(err)).contains("127.0.0.1:1", "--bootstrap", "darkroom local");
    }

    @ParameterizedTest
    @ValueSource(strings = {"follow a/b", "cancel ..", "submit --id=a/b x"})
    void illegalJobIdIsRefusedWithWhatIsLegal(String line) {
        assertThat(run((line + " " + NOBODY).split(" "))).isEqualTo(Exit.USAGE.code());
        assertThat(written(err)).contains("legal");
    }

    @Test
    void whatIsNoManifestIsNotReproduced() throws Exception {
        Path file = Files.writeString(folder.resolve("manifest.json"), "{}");
        assertThat(run("reproduce", file.toString(), NOBODY)).isEqualTo(Exit.USAGE.code());
        assertThat(written(err))
                .contains("MANIFEST is " + file + ", which is not a legal manifest");
    }

    @Test
    void manifestOfAFailedJobIsNotReproduced() throws Exception {
        Path file =
                Files.writeString(
                        folder.resolve("manifest.json"),
                        """
                        {"manifestVersion": 1, "terminal": {
                          "specversion": "1.0", "type": "dev.darkroom.job.failed.v1",
                          "source": "/darkroom", "id": "a/terminal", "subject": "a",
                          "time": "2026-01-01T00:00:00Z", "data": {
                            "attempt": 1, "handBacks": 0, "run": "r1", "sequence": 0, "worker": "w",
                            "code": "UNKNOWN_MODEL", "category": "REQUEST", "message": "no"}}}
                        """);
        assertThat(run("reproduce", file.toString(), NOBODY)).isEqualTo(Exit.USAGE.code());
        assertThat(written(err)).contains("made no outputs", "UNKNOWN_MODEL");
    }

    @Test
    void modelsAreListedAsAWorkerWouldSeeThem() {
        assertThat(run("models", "--models=" + System.getProperty("models"))).isZero();
        assertThat(written(out))
                .contains("emoji", "StableDiffusionPipeline", "steps 20", "sha256:", "image");
    }

    @Test
    void brokenModelIsListedWithItsProblems() throws Exception {
        Path broken = Files.createDirectories(folder.resolve("broken"));
        Files.writeString(
                broken.resolve("model_index.json"),
                "{\"_class_name\": \"StableDiffusionPipeline\"}");
        assertThat(run("models", "--models=" + folder, "--json")).isEqualTo(Exit.FAILED.code());
        assertThat(written(out)).contains("\"broken\"", "unet/model.onnx is missing");
    }

    private int run(String... arguments) {
        Console console =
                new Console(
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8),
                        Console.Screen.PLAIN);
        return Darkroom.run(console, arguments);
    }

    private static String written(ByteArrayOutputStream stream) {
        return stream.toString(StandardCharsets.UTF_8);
    }
}
