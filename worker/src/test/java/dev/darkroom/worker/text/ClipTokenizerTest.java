package dev.darkroom.worker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClipTokenizerTest {
    private static final Path FOLDER =
            Path.of(System.getProperty("fixtures"), "tokenizers", "clip");
    private static final ClipTokenizer CLIP = ClipTokenizer.load(FOLDER);

    private static final AtomicReference<ClipTokenizer> PADDED_WITH_MARK = new AtomicReference<>();

    private static final Path SMALL = Path.of(System.getProperty("models"), "emoji", "tokenizer");
    private static final ClipTokenizer EMOJI = ClipTokenizer.load(SMALL);

    @BeforeAll
    static void loadPaddedWithMark(@TempDir Path folder) throws IOException {
        copy(FOLDER, folder);
        for (String file : List.of("special_tokens_map.json", "tokenizer_config.json")) {
            replace(
                    folder.resolve(file),
                    "\"pad_token\": \"<|endoftext|>\"",
                    "\"pad_token\": \"!\"");
        }
        PADDED_WITH_MARK.set(ClipTokenizer.load(folder));
    }

    static Stream<Arguments> references() throws IOException {
        return references(FOLDER.resolveSibling("clip.json"));
    }

    private static Stream<Arguments> references(Path file) throws IOException {
        List<Arguments> references = new ArrayList<>();
        for (JsonNode reference : new ObjectMapper().readTree(file.toFile()).required("cases")) {
            List<Integer> ids = new ArrayList<>();
            reference.required("ids").forEach(id -> ids.add(id.intValue()));
            references.add(
                    Arguments.of(
                            reference.required("text").textValue(),
                            ids,
                            reference.path("cut").intValue()));
        }
        return references.stream();
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("references")
    void givesTheReferencesTokens(String text, List<Integer> ids) {
        assertThat(CLIP.encode(text).ids()).isEqualTo(ids);
    }

    static Stream<Arguments> emojiReferences() throws IOException {
        return references(FOLDER.resolveSibling("emoji.json"));
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("emojiReferences")
    void givesTheReferencesTokensForASmallVocabulary(String text, List<Integer> ids, int cut) {
        Tokens tokens = EMOJI.encode(text);
        assertThat(tokens.ids()).isEqualTo(ids);
        assertThat(tokens.cut()).isEqualTo(cut);
    }

    static Stream<Arguments> paddedReferences() throws IOException {
        return references(FOLDER.resolveSibling("clip-padded-with-mark.json"));
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("paddedReferences")
    void padsWithTheFoldersTokenAndFindsItInTexts(String text, List<Integer> ids, int cut) {
        Tokens tokens = PADDED_WITH_MARK.get().encode(text);
        assertThat(tokens.ids()).isEqualTo(ids);
        assertThat(tokens.cut()).isEqualTo(cut);
    }

    @Test
    void saysWhatDidNotFit() {
        Tokens tokens = CLIP.encode("word ".repeat(75) + "then THIS café is cut");
        assertThat(tokens.ids()).hasSize(77).endsWith(CLIP.endToken());
        assertThat(tokens.cut()).isEqualTo(5);
        assertThat(tokens.cutText()).isEqualTo("then this café is cut");
        assertThat(CLIP.encode("short").cut()).isZero();
        assertThat(CLIP.encode("short").cutText()).isEmpty();
    }

    @Test
    void givesATensorOfOneRow() {
        Tokens tokens = CLIP.encode("a");
        assertThat(tokens.toTensor().shape()).isEqualTo(Shape.of(1, CLIP.maxLength()));
        assertThat(tokens.toTensor().toArray()).startsWith(49406, 320, 49407);
    }

    @Test
    void takesTheLengthAndTheTokensOfAFolderWithoutConfiguration(@TempDir Path folder)
            throws IOException {
        copy(SMALL, folder);
        Files.delete(folder.resolve("special_tokens_map.json"));
        Files.delete(folder.resolve("tokenizer_config.json"));
        ClipTokenizer bare = ClipTokenizer.load(folder);
        assertThat(bare.encode("a cat").ids()).isEqualTo(EMOJI.encode("a cat").ids());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"%s %s\"", "[\"%s\", \"%s\"]"})
    void readsVocabularyAndMergesOfATokenizerInOneFile(String pair, @TempDir Path folder)
            throws IOException {
        List<String> merges = new ArrayList<>();
        for (String merge :
                Files.readAllLines(SMALL.resolve("merges.txt")).stream().skip(1).toList()) {
            String escaped = merge.replace("\\", "\\\\").replace("\"", "\\\"");
            String[] tokens = escaped.split(" ", -1);
            merges.add(pair.formatted(tokens[0], tokens[1]));
        }
        Files.writeString(
                folder.resolve("tokenizer.json"),
                "{\"model\": {\"type\": \"BPE\", \"vocab\": %s, \"merges\": [%s]}}"
                        .formatted(
                                Files.readString(SMALL.resolve("vocab.json")),
                                String.join(",", merges)));
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"CLIPTokenizer\", \"model_max_length\": 77}");
        String text = "A cat, don't <|endoftext|> 猫 eating 3 apples";
        assertThat(Tokenizer.load(folder).encode(text)).isEqualTo(EMOJI.encode(text));
    }

    @Test
    void cutsToAnotherWindow() {
        assertThat(EMOJI.encode("a a a", 4).ids()).hasSize(4).endsWith(EMOJI.endToken());
        assertThat(EMOJI.encode("a", 4).padding()).isEqualTo(1);
        assertThatThrownBy(() -> EMOJI.encode("a", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("length is 1; legal: at least 2");
    }

    @Test
    void takesTheFoldersLength(@TempDir Path folder) throws IOException {
        copy(SMALL, folder);
        Path config = folder.resolve("tokenizer_config.json");
        replace(config, "\"model_max_length\": 77", "\"model_max_length\": 4");
        Tokens tokens = ClipTokenizer.load(folder).encode("a a a");
        assertThat(tokens.ids()).hasSize(4).endsWith(EMOJI.endToken());
        assertThat(tokens.cut()).isEqualTo(1);
        replace(config, "\"model_max_length\": 4", "\"model_max_length\": 1");
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContainingAll(
                        "tokenizer_config.json", "model_max_length 1", "at least 2");
    }

    @Test
    void namesAllFilesThatAFolderLacks(@TempDir Path folder) {
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContainingAll(folder.toString(), "vocab.json and merges.txt");
    }

    @Test
    void refusesAFolderThatContradictsItself(@TempDir Path folder) throws IOException {
        copy(SMALL, folder);
        Path specials = folder.resolve("special_tokens_map.json");
        replace(specials, "\"<|startoftext|>\"", "\"<begin>\"");
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContainingAll("bos_token", "<begin>");
        replace(specials, "\"<begin>\"", "{\"content\": \"<|startoftext|>\", \"lstrip\": true}");
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .hasMessageContainingAll("lstrip", "<|startoftext|>");
        copy(SMALL, folder);
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\ni n\nin zzz\n");
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .hasMessageContainingAll("in zzz", "inzzz");
        Files.writeString(folder.resolve("merges.txt"), "single\n");
        assertThatThrownBy(() -> ClipTokenizer.load(folder)).hasMessageContaining("single");
        Files.writeString(folder.resolve("vocab.json"), "{\"a\": -1}");
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .hasMessageContainingAll("vocab.json", "'a'", "-1");
        Files.writeString(folder.resolve("vocab.json"), "[");
        assertThatThrownBy(() -> ClipTokenizer.load(folder))
                .hasMessageContainingAll("vocab.json", "not JSON");
    }

    private static void copy(Path source, Path folder) throws IOException {
        try (Stream<Path> files = Files.list(source)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file,
                        folder.resolve(file.getFileName()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void replace(Path file, String old, String fresh) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(old);
        Files.writeString(file, text.replace(old, fresh));
    }
}
