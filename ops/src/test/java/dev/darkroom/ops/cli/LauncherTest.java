package dev.darkroom.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.ops.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The launcher in a checkout of its own, whose build and Java are scripts that say what they do.
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a shell script")
class LauncherTest {
    private static final Path LAUNCHER =
            Path.of(System.getProperty("models")).resolveSibling("../darkroom").normalize();

    @TempDir Path folder;
    private Path checkout;
    private Path jdk;

    @BeforeEach
    void checkOut() throws IOException {
        checkout = Files.createDirectories(folder.resolve("a check out"));
        Files.copy(LAUNCHER, checkout.resolve("darkroom"), StandardCopyOption.COPY_ATTRIBUTES);
        needs(25);
        Files.createDirectories(checkout.resolve(".mvn"));
        Files.createFile(checkout.resolve(".mvn/jvm.config"));
        for (String module : List.of("protocol", "worker", "ops")) {
            Files.createDirectories(checkout.resolve(module + "/src/main"));
            Files.createFile(checkout.resolve(module + "/pom.xml"));
        }
        script(
                checkout.resolve("mvnw"),
                """
                [ "$1" != -v ] || exit 0
                echo "$@" >>builds
                mkdir -p ops/target/darkroom/lib
                [ ! -f during ] || . ./during
                """);
        jdk = jdk("25", 25);
    }

    @Test
    void takesTheJdkOfJavaHomeWhereItFits() throws Exception {
        assertThat(launch(Map.of(), "jdk").output()).isEqualTo(jdk + "\n");
    }

    @Test
    void passesOverJavaHomesThatAreTooOldOrNotThere() throws Exception {
        for (Path home : List.of(jdk("17", 17), folder.resolve("nowhere"))) {
            Map<String, String> environment =
                    Map.of("JAVA_HOME", home.toString(), "PATH", jdk + "/bin:/usr/bin:/bin");
            assertThat(launch(environment, "jdk").output()).isEqualTo(jdk + "\n");
        }
    }

    @Test
    void saysInTwoLinesWhatToInstallWhereNoJdkFits() throws Exception {
        needs(9000);
        Child.Result result = launch(Map.of(), "--version");
        assertThat(result.exit()).isEqualTo(Exit.ENVIRONMENT.code());
        assertThat(result.output()).contains("JDK 9000", "JAVA_HOME").hasLineCount(2);
    }

    @Test
    void buildsOnceAndAgainWhenASourceChanged() throws Exception {
        assertThat(launch(Map.of(), "models").output()).contains("Building", "Darkroom models");
        assertThat(launch(Map.of(), "models").output()).doesNotContain("Building");
        Files.createFile(checkout.resolve("ops/src/main/New.java"));
        assertThat(launch(Map.of(), "models").output()).contains("Building");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void worksThroughALinkFromAnotherFolder() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), checkout.resolve("darkroom"));
        assertThat(launch(link, Map.of(), "models", "--json").output())
                .endsWith("dev.darkroom.ops.cli.Darkroom models --json\n");
    }

    @Test
    void buildThatFailsShowsItsErrorsAndIsDoneAgain() throws Exception {
        during("echo '[ERROR] Broken.java:[1,2] no such thing'; exit 1");
        Child.Result result = launch(Map.of(), "models");
        assertThat(result.exit()).isEqualTo(Exit.ENVIRONMENT.code());
        assertThat(result.output())
                .contains("Broken.java:[1,2]", "target/build.log")
                .doesNotContain("Darkroom models");
        during("");
        assertThat(launch(Map.of(), "models").output()).contains("Darkroom models");
        assertThat(builds()).hasSize(2);
    }

    @Test
    void testRunThatFailsLeavesNothingThatCountsAsBuilt() throws Exception {
        launch(Map.of(), "models");
        during("exit 1");
        assertThat(launch(Map.of(), "test").exit()).isEqualTo(1);
        during("");
        assertThat(launch(Map.of(), "models").output()).contains("Building");
    }

    @Test
    void twoThatStartTogetherBuildOnce() throws Exception {
        during("echo begun; while [ ! -f go ]; do sleep 0.05; done");
        try (Child first = start(checkout.resolve("darkroom"), Map.of(), "models")) {
            first.await(Pattern.compile("Building"));
            try (Child second = start(checkout.resolve("darkroom"), Map.of(), "models")) {
                second.await(Pattern.compile("Waiting for process \\d+"));
                Files.createFile(checkout.resolve("go"));
                assertThat(first.end().output()).contains("Darkroom models");
                assertThat(second.end().output()).contains("Darkroom models");
            }
        }
        assertThat(builds()).hasSize(1);
    }

    @Test
    void lockOfALauncherThatDiedHoldsNobodyUp() throws Exception {
        Files.createDirectories(checkout.resolve("target"));
        try (Child gone = Child.start(Map.of(), List.of("sh", "-c", "echo $$"))) {
            Path dead = Path.of(gone.end().output().strip());
            Files.createSymbolicLink(checkout.resolve("target/lock"), dead);
        }
        assertThat(launch(Map.of(), "models").output()).contains("Darkroom models");
        assertThat(checkout.resolve("target/lock")).doesNotExist();
    }

    @Test
    void buildsWithTheMavenOfThePathWhereTheWrapperGetsNone() throws Exception {
        script(checkout.resolve("mvnw"), "echo no network >&2; exit 1\n");
        Path bin = Files.createDirectories(folder.resolve("bin"));
        script(
                bin.resolve("mvn"),
                """
                [ "$1" != -v ] || { echo "Apache Maven 3.9.9"; exit; }
                mkdir -p ops/target/darkroom/lib
                """);
        assertThat(launch(Map.of("PATH", bin + ":/usr/bin:/bin"), "models").output())
                .contains("Darkroom models");
        script(bin.resolve("mvn"), "echo 'Apache Maven 3.6.3'\n");
        Files.delete(checkout.resolve("target/built"));
        Child.Result old = launch(Map.of("PATH", bin + ":/usr/bin:/bin"), "models");
        assertThat(old.exit()).isEqualTo(Exit.ENVIRONMENT.code());
        assertThat(old.output()).contains("too old (3.6.3)", "mvnw.log").hasLineCount(2);
    }

    private Child.Result launch(Map<String, String> environment, String... arguments)
            throws InterruptedException {
        return launch(checkout.resolve("darkroom"), environment, arguments);
    }

    private Child.Result launch(Path launcher, Map<String, String> environment, String... arguments)
            throws InterruptedException {
        try (Child child = start(launcher, environment, arguments)) {
            return child.end();
        }
    }

    private Child start(Path launcher, Map<String, String> environment, String... arguments) {
        Map<String, String> all = new HashMap<>();
        all.put("JAVA_HOME", jdk.toString());
        all.putAll(environment);
        List<String> command = new ArrayList<>(List.of("sh", launcher.toString()));
        command.addAll(List.of(arguments));
        return Child.start(all, command);
    }

    private void needs(int release) throws IOException {
        Files.writeString(
                checkout.resolve("pom.xml"),
                "<maven.compiler.release>" + release + "</maven.compiler.release>\n");
    }

    /// What the next builds do besides.
    private void during(String commands) throws IOException {
        Files.writeString(checkout.resolve("during"), commands + "\n");
    }

    private List<String> builds() throws IOException {
        return Files.readAllLines(checkout.resolve("builds"));
    }

    private Path jdk(String name, int release) throws IOException {
        Path home = folder.resolve("jdk-" + name);
        Files.createDirectories(home.resolve("bin"));
        script(home.resolve("bin/javac"), "");
        script(home.resolve("bin/java"), "echo \"$@\"\n");
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + release + ".0.1\"\n");
        return home;
    }

    private static void script(Path file, String commands) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + commands);
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }
}
