package dev.darkroom.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.darkroom.ops.Child;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoIT {
    @TempDir Path out;

    @Test
    void makesPicturesFromAPromptWithNothingElseRunning() throws Exception {
        Child.Result demo;
        try (Child child =
                Child.start(
                        Map.of(),
                        "demo",
                        "a red apple",
                        "--count=2",
                        "--seed=7",
                        "--steps=5",
                        "--scheduler=euler",
                        "--out=" + out)) {
            demo = child.end();
        }

        assertThat(demo.exit()).as(demo.output()).isZero();
        assertThat(demo.output())
                .contains("denoise", "completed in", "s3://darkroom/a-red-apple-", "manifest.json")
                .doesNotContain("WARN", "ERROR", "Exception", "SLF4J");
        List<Path> pictures = files(".png");
        assertThat(pictures).hasSize(2);
        for (Path picture : pictures) {
            BufferedImage image = ImageIO.read(picture.toFile());
            assertThat(image.getWidth()).isEqualTo(64);
            assertThat(demo.output()).contains(picture.toString());
        }
        assertThat(files("manifest.json")).hasSize(1);
    }

    @Test
    void startsFromAPictureOfThisMachine() throws Exception {
        Path start = Files.createDirectory(out.resolve("in")).resolve("start.jpg");
        ImageIO.write(
                new BufferedImage(96, 80, BufferedImage.TYPE_INT_RGB), "jpeg", start.toFile());
        Child.Result demo;
        try (Child child =
                Child.start(
                        Map.of(),
                        "demo",
                        "a red apple",
                        "--steps=4",
                        "--init=" + start,
                        "--strength=0.5",
                        "--format=webp",
                        "--out=" + out)) {
            demo = child.end();
        }

        assertThat(demo.exit()).as(demo.output()).isZero();
        assertThat(files(".webp")).hasSize(1);
        assertThat(Files.readString(files("manifest.json").getFirst()))
                .contains("s3://darkroom/inputs/", ".jpg\"", "\"strength\":0.5");
    }

    @Test
    void refusesWhatTheModelCannotDoInOneLine() throws Exception {
        Child.Result demo;
        try (Child child =
                Child.start(Map.of(), "demo", "a cat", "--model=emojy", "--out=" + out)) {
            demo = child.end();
        }

        assertThat(demo.exit()).as(demo.output()).isEqualTo(Exit.FAILED.code());
        assertThat(demo.output())
                .contains("UNKNOWN_MODEL", "emojy", "emoji")
                .doesNotContain("Exception", "\tat ");
    }

    private List<Path> files(String end) throws IOException {
        try (Stream<Path> files = Files.walk(out)) {
            return files.filter(file -> file.toString().endsWith(end)).sorted().toList();
        }
    }
}
