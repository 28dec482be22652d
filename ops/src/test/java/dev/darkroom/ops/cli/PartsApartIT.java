package dev.darkroom.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.ops.Child;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Broker and store, worker and backend, each in a process of its own, as a deployment has them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PartsApartIT {
    private static final Pattern EXPORT = Pattern.compile("export (DARKROOM_\\w+)=(\\S+)");

    @TempDir static Path folder;

    private final Map<String, String> environment = new HashMap<>();
    private Child local;
    private Child worker;

    @BeforeAll
    void startTheParts() throws Exception {
        local =
                Child.start(
                        Map.of(),
                        "local",
                        "--data=" + folder.resolve("data"),
                        "--kafka-port=0",
                        "--s3-port=0");
        local.await(Pattern.compile("Ctrl-C stops them"));
        Matcher export = EXPORT.matcher(local.written());
        while (export.find()) {
            environment.put(export.group(1), export.group(2));
        }
        worker = Child.start(environment, "worker");
    }

    @AfterAll
    void stopTheParts() throws Exception {
        worker.terminate();
        assertThat(worker.end().exit()).as(worker.written()).isEqualTo(143);
        local.terminate();
        assertThat(local.end().exit()).as(local.written()).isEqualTo(143);
    }

    @Test
    void submittedJobIsFollowedAndReproducedToTheSameBytes() throws Exception {
        Path out = folder.resolve("out");
        Child.Result submitted =
                run(
                        "submit",
                        "a panda",
                        "--id=panda",
                        "--seed=3",
                        "--steps=4",
                        "--follow",
                        "--out=" + out);
        assertThat(submitted.exit()).as(submitted.output()).isZero();
        assertThat(submitted.output()).contains("started on", "completed in");
        assertThat(out.resolve("panda").resolve("output-0.png")).isNotEmptyFile();

        Path manifest = out.resolve("panda").resolve("manifest.json");
        Child.Result fromFile = run("reproduce", manifest.toString());
        assertThat(fromFile.exit()).as(fromFile.output()).isZero();
        assertThat(fromFile.output())
                .contains("output 0: the same, ")
                .doesNotContain("different files");

        Child.Result fromStore = run("reproduce", "s3://darkroom/panda/manifest.json", "--json");
        assertThat(fromStore.exit()).as(fromStore.output()).isZero();
        assertThat(json(fromStore).path("same").booleanValue()).isTrue();
        assertThat(json(fromStore).path("modelDigest").path("same").booleanValue()).isTrue();

        String digest = json(fromStore).path("modelDigest").path("now").textValue();
        String other = "sha256:" + "0".repeat(64);
        Path ofAnother = out.resolve("panda").resolve("another.json");
        Files.writeString(ofAnother, Files.readString(manifest).replace(digest, other));
        Child.Result fromAnother = run("reproduce", ofAnother.toString());
        assertThat(fromAnother.output())
                .contains("model emoji: different files, %s then, %s now".formatted(other, digest))
                .contains("output 0: the same, ");
    }

    @Test
    void reproducingAJobWhosePictureWasReplacedNamesThePicture() throws Exception {
        Path out = folder.resolve("out");
        Path apple = Path.of("examples", "guided", "apple.png");
        Child.Result submitted =
                run(
                        "submit",
                        "tangerine",
                        "--init=" + apple,
                        "--steps=2",
                        "--seed=7",
                        "--id=tangerine",
                        "--out=" + out);
        assertThat(submitted.exit()).as(submitted.output()).isZero();
        Path manifest = out.resolve("tangerine").resolve("manifest.json");
        JsonNode written = new JsonMapper().readTree(manifest.toFile());
        String digest = written.at("/recipe/inputs/0/sha256").textValue();

        Child.Result same = run("reproduce", manifest.toString(), "--json");
        assertThat(same.exit()).as(same.output()).isZero();
        assertThat(json(same).at("/inputs/0/field").textValue()).isEqualTo("spec.init.uri");
        assertThat(json(same).at("/inputs/0/same").booleanValue()).isTrue();

        // The address holds the apple; the manifest says that another file was there.
        String other = "f".repeat(64);
        Path replaced = out.resolve("tangerine").resolve("replaced.json");
        ((ObjectNode) written.at("/recipe/inputs/0")).put("sha256", other);
        Files.writeString(replaced, written.toString());
        assertThat(run("reproduce", replaced.toString()).output())
                .contains(
                        "spec.init.uri: a different file, %s then, %s now"
                                .formatted(other, digest));
    }

    @Test
    void followingAnEndedJobShowsItsEndAgain() throws Exception {
        assertThat(run("submit", "a fox", "--id=fox", "--steps=2").output()).isEqualTo("fox\n");
        Child.Result first = run("follow", "fox", "--json");
        Child.Result again = run("follow", "fox", "--json");

        assertThat(first.exit()).as(first.output()).isZero();
        assertThat(last(again)).isEqualTo(last(first)).contains("dev.darkroom.job.completed.v1");
    }

    @Test
    void followingAJobThatNobodySubmittedEndsWhenItsTimeIsUp() throws Exception {
        Child.Result followed = run("follow", "nobody", "--timeout=6");
        assertThat(followed.exit()).isEqualTo(Exit.ENVIRONMENT.code());
        assertThat(followed.output())
                .contains(
                        "Nothing is heard of job nobody",
                        "nothing was heard of job nobody within 6 s");
    }

    @Test
    void cancelledJobEndsInStatusOne() throws Exception {
        assertThat(run("submit", "a tree", "--id=tree", "--steps=900", "--count=4").exit())
                .isZero();
        assertThat(run("cancel", "tree", "--reason=too slow").exit()).isZero();
        Child.Result followed = run("follow", "tree");

        assertThat(followed.exit()).as(followed.output()).isEqualTo(Exit.FAILED.code());
        assertThat(followed.output()).contains("cancelled", "too slow");
    }

    @Test
    void jobFromAFileIsRefusedWithEveryProblem() throws Exception {
        Path file = folder.resolve("job.json");
        Files.writeString(
                file,
                """
                {"specVersion": 1, "model": "emoji",
                 "spec": {"kind": "image", "prompt": "a cat", "steps": 0, "hight": 64}}
                """);
        Child.Result refused = run("submit", "--file=" + file);

        assertThat(refused.exit()).isEqualTo(Exit.USAGE.code());
        assertThat(refused.output()).contains("spec.steps is 0", "did you mean spec.height?");
    }

    @Test
    void jobFromAFileIsSubmitted() throws Exception {
        Path file = folder.resolve("good.json");
        Files.writeString(
                file,
                """
                {"specVersion": 1, "id": "owl", "model": "emoji",
                 "spec": {"kind": "image", "prompt": "an owl", "steps": 2}}
                """);
        Child.Result submitted = run("submit", "--file=" + file, "--follow");

        assertThat(submitted.exit()).as(submitted.output()).isZero();
    }

    @Test
    void topicsAreFoundAsLocalMadeThem() throws Exception {
        Child.Result created = run("topics", "create", "--json");

        assertThat(created.exit()).as(created.output()).isZero();
        assertThat(json(created)).isNotEmpty();
        assertThat(json(created))
                .allSatisfy(line -> assertThat(line.path("status").asText()).isEqualTo("existed"));
    }

    @Test
    void pythonClientSubmitsAndFollows() throws Exception {
        Path example = Path.of("examples", "python");
        Path venv = folder.resolve("venv");
        Path python = venv.resolve("bin").resolve("python");
        assumeTrue(succeeds("python3", "--version"), "there is no python3");
        assumeTrue(
                succeeds("python3", "-m", "venv", venv.toString()),
                "python3 cannot make virtual environments");
        assumeTrue(
                succeeds(
                        python.toString(),
                        "-m",
                        "pip",
                        "install",
                        "--quiet",
                        "-r",
                        example.resolve("requirements.txt").toString()),
                "the Kafka client for Python cannot be installed");

        Child.Result run;
        try (Child child =
                Child.start(
                        Map.of(),
                        List.of(
                                python.toString(),
                                example.resolve("submit_and_follow.py").toString(),
                                "a rocket",
                                "--seed=5",
                                // Long enough for its end not to overtake its progress, which
                                // is in another topic.
                                "--steps=300",
                                "--bootstrap=" + environment.get("DARKROOM_KAFKA_BOOTSTRAP")))) {
            run = child.end();
        }

        assertThat(run.exit()).as(run.output()).isZero();
        assertThat(run.output().lines().map(line -> line.replaceAll(" .*", "")))
                .contains("started", "progress")
                .endsWith("completed");
    }

    private Child.Result run(String... arguments) throws InterruptedException {
        try (Child child = Child.start(environment, arguments)) {
            return child.end();
        }
    }

    private static boolean succeeds(String... command) throws InterruptedException {
        try (Child child = Child.start(Map.of(), List.of(command))) {
            return child.end().exit() == 0;
        } catch (UncheckedIOException _) {
            return false;
        }
    }

    private static String last(Child.Result result) {
        return result.output().lines().reduce("", (_, line) -> line);
    }

    private static JsonNode json(Child.Result result) throws Exception {
        return new JsonMapper().readTree(result.output());
    }
}
