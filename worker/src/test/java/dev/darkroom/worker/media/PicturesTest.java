package dev.darkroom.worker.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.darkroom.protocol.failure.FailureCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PicturesTest {
    private static final Path FOLDER = Path.of(System.getProperty("fixtures"), "pictures");
    private static final PictureLimits LIMITS = new PictureLimits(8192, 16_777_216);

    static List<String> pictures() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.contains(".") && !name.endsWith(".rgb"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void seesEveryPixelAsTheReferenceDoes(String name) {
        ByteBuffer seen = ByteBuffer.wrap(file(name.replaceFirst("\\..*", ".rgb")));
        int width = seen.getShort();
        int height = seen.getShort();
        byte[] levels = new byte[seen.remaining()];
        seen.get(levels);
        Picture picture = Pictures.decode(file(name), LIMITS);
        assertThat(picture).hasToString(width + "x" + height + "x3");
        assertThat(picture.levels()).isEqualTo(levels);
    }

    @Test
    void theCorpusHasEveryFormat() throws IOException {
        assertThat(pictures()).hasSizeGreaterThan(40);
        assertThat(pictures()).anyMatch(name -> name.endsWith(".png"));
        assertThat(pictures()).anyMatch(name -> name.endsWith(".jpg"));
        assertThat(pictures()).anyMatch(name -> name.endsWith(".webp"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "empty.png            | an empty file; legal: a PNG, JPEG or WebP file",
                "picture.gif          | begins with the bytes 47 49 46 38; legal: a PNG, JPEG or",
                "picture.bmp          | begins with the bytes 42 4d",
                "picture.tiff         | begins with the bytes 49 49 2a 00",
                "vector.svg           | begins with the bytes 3c 73 76 67",
                "cmyk.jpg             | a JPEG file of 4 channels (CMYK); legal: 1 channel (grey)",
                "cut.png              | a damaged PNG file (it ends too early)",
                "short.png            | a damaged PNG file",
                "flipped.png          | a damaged PNG file (a checksum is wrong)",
                "no-palette.png       | a damaged PNG file (it has no palette)",
                "no-pixels.png        | a damaged PNG file (it has no pixels)",
                "two-headers.png      | a damaged PNG file (it has two headers)",
                "odd-depth.png        | a damaged PNG file (colour type 2 with depth 3)",
                "zero.png             | a picture of 0 × 4 pixels; legal: at least 1 × 1",
                "cut.jpg              | a damaged JPEG file (it ends too early)",
                "cut-with-end.jpg     | a damaged JPEG file (it ends too early)",
                "cut-progressive.jpg  | a damaged JPEG file (it ends too early)",
                "many-scans.jpg       | a JPEG file of more than 100 scans; legal: at most 100",
                "twelve-bits.jpg      | a JPEG file of 12 bits per channel; legal: 8 bits",
                "cut.webp             | a damaged WebP file (it ends too early)",
                "cut-with-length.webp | a damaged WebP file"
            })
    void refusesWhatItCannotTakeSayingWhatItIs(String name, String message) {
        assertThatThrownBy(() -> Pictures.decode(file("refused/" + name), LIMITS))
                .isInstanceOf(PictureRefusedException.class)
                .hasMessageContaining(message)
                .extracting(e -> ((PictureRefusedException) e).code())
                .isEqualTo(FailureCode.INPUT_REJECTED);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "bomb-header.png | a picture of 60000 × 60000 pixels; legal: at most 8192 on a side",
                "bomb-pixels.png | a picture of 30000 × 30000 pixels",
                "bomb-side.png   | a picture of 1073741824 × 1 pixels",
                "bomb.jpg        | a picture of 65500 × 65500 pixels",
                "bomb.webp       | a picture of 16383 × 16383 pixels"
            })
    @Timeout(5)
    void refusesTooManyPixelsByTheHeaderAlone(String name, String message) {
        PictureRefusedException refused =
                catchThrowableOfType(
                        PictureRefusedException.class,
                        () -> Pictures.decode(file("refused/" + name), LIMITS));
        assertThat(refused).hasMessageContaining(message);
        assertThat(refused.code()).isEqualTo(FailureCode.LIMIT_EXCEEDED);
    }

    @Test
    void pixelsAreCountedAsWellAsSides() {
        PictureLimits few = new PictureLimits(8192, 24 * 16 - 1);
        assertThatThrownBy(() -> Pictures.decode(file("png-rgb.png"), few))
                .hasMessage("a picture of 24 × 16 pixels; legal: at most 383 pixels");
        PictureLimits enough = new PictureLimits(24, 24 * 16);
        assertThat(Pictures.decode(file("png-rgb.png"), enough)).hasToString("24x16x3");
    }

    /// Whatever is cut off, flipped or filled in, a file is a picture or refused: nothing else.
    @ParameterizedTest
    @MethodSource("pictures")
    @Timeout(60)
    void damageNeverEndsInAnythingButARefusal(String name) {
        byte[] sound = file(name);
        for (int at = 0; at < sound.length; at += 1 + sound.length / 64) {
            byte[] flipped = sound.clone();
            flipped[at] ^= (byte) (0x55 + at);
            tried(name + " with byte " + at + " changed", flipped);
            tried(name + " cut at " + at, Arrays.copyOf(sound, at));
        }
    }

    private static void tried(String what, byte[] file) {
        try {
            assertThat(Pictures.decode(file, LIMITS).pixels()).as(what).isPositive();
        } catch (PictureRefusedException e) {
            assertThat(e.found()).as(what).isNotBlank();
        }
    }

    @Test
    void aSizeBeyondTheFormatIsNotShownAsANegativeOne() {
        byte[] file = file("refused/zero.png");
        // The header's width, behind the signature and the chunk's length and type.
        ByteBuffer header = ByteBuffer.wrap(file).putInt(16, -1);
        CRC32 check = new CRC32();
        check.update(file, 12, 17);
        header.putInt(29, (int) check.getValue());

        assertThatThrownBy(() -> Pictures.decode(file, LIMITS))
                .isInstanceOf(PictureRefusedException.class)
                .hasMessageContaining(
                        "a damaged PNG file (its width or height is beyond what the format has)");
    }

    private static byte[] file(String name) {
        try {
            return Files.readAllBytes(FOLDER.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
