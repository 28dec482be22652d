package dev.darkroom.worker.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnigramTokenizerTest {
    private static final Path FIXTURES = Path.of(System.getProperty("fixtures"));
    private static final Path PIECES = FIXTURES.resolve("tokenizers/t5");
    private static final Path SMALL = FIXTURES.resolve("models/sd3/tokenizer_3");

    @ParameterizedTest
    @CsvSource({
        "t5.json, tokenizers/t5",
        "t5.json, tokenizers/t5-json",
        "t5-described.json, models/sd3/tokenizer_3"
    })
    void givesTheReferencesTokensAndSaysWhatDidNotFit(String references, String folder)
            throws IOException {
        Tokenizer tokenizer = Tokenizer.load(FIXTURES.resolve(folder));
        JsonNode json = json(references);
        int window = json.required("max_length").intValue();
        List<String> differences = new ArrayList<>();
        int compared = 0;
        for (JsonNode reference : json.required("cases")) {
            String text = reference.get(0).textValue();
            Tokens tokens = tokenizer.encode(text, window);
            List<Integer> own = tokens.ids().subList(0, window - tokens.padding());
            List<Integer> ids = numbers(reference.get(1));
            String cut = reference.get(2).textValue();
            if (!own.equals(ids) || !tokens.cutText().equals(cut)) {
                differences.add(
                        "'%s': %s '%s', not %s '%s'"
                                .formatted(text, own, tokens.cutText(), ids, cut));
            }
            compared++;
        }
        assertThat(differences).isEmpty();
        assertThat(compared).isGreaterThan(400);
    }

    @ParameterizedTest
    @CsvSource({"t5.json, tokenizers/t5", "t5-described.json, models/sd3/tokenizer_3"})
    void padsToTheWindowAndMasksThePadding(String references, String folder) throws IOException {
        JsonNode padded = json(references).required("padded");
        Tokens tokens =
                Tokenizer.load(FIXTURES.resolve(folder))
                        .encode(
                                padded.required("text").textValue(),
                                json(references).required("max_length").intValue());
        assertThat(tokens.ids()).isEqualTo(numbers(padded.required("ids")));
        assertThat(numbers(tokens.toAttentionMask())).isEqualTo(numbers(padded.required("mask")));
        assertThat(tokens.toAttentionMask().shape()).isEqualTo(Shape.of(1, tokens.ids().size()));
        assertThat(tokens.cut()).isZero();
    }

    @Test
    void endsACutTextWithTheEndToken() {
        Tokens tokens = Tokenizer.load(PIECES).encode("word ".repeat(40), 5);
        assertThat(tokens.ids()).hasSize(5).endsWith(1);
        assertThat(tokens.padding()).isZero();
        assertThat(tokens.cut()).isGreaterThan(30);
        assertThat(tokens.cutText()).endsWith("word word");
    }

    @Test
    void takesItsLengthFromTheFolder(@TempDir Path folder) throws IOException {
        assertThat(Tokenizer.load(PIECES).maxLength()).isEqualTo(512);
        assertThat(Tokenizer.load(PIECES).encode("a").ids()).hasSize(512);
        Files.copy(PIECES.resolve("spiece.model"), folder.resolve("spiece.model"));
        assertThat(Tokenizer.load(folder).encode("a red apple").ids())
                .isEqualTo(Tokenizer.load(PIECES).encode("a red apple").ids());
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"model_max_length\": 7}");
        assertThat(Tokenizer.load(folder).encode("a").ids()).hasSize(7);
    }

    @Test
    void refusesAWindowWithoutRoomForTheEndToken() {
        Tokenizer tokenizer = Tokenizer.load(PIECES);
        assertThatThrownBy(() -> tokenizer.encode("a", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("length is 0; legal: at least 1");
    }

    @Test
    void takesSpacesBesideATokenThatWantsThem(@TempDir Path folder) throws IOException {
        String json = Files.readString(SMALL.resolve("tokenizer.json"));
        String unstripped =
                "\"content\": \"</s>\",\n      \"single_word\": false,\n      \"lstrip\": false,";
        assertThat(json).contains(unstripped);
        Files.writeString(
                folder.resolve("tokenizer.json"),
                json.replace(
                        unstripped, unstripped.replace("\"lstrip\": false", "\"lstrip\": true")));
        Tokenizer stripping = Tokenizer.load(folder);
        Tokenizer plain = Tokenizer.load(SMALL);
        assertThat(stripping.encode("a  </s>", 9).ids())
                .isEqualTo(plain.encode("a</s>", 9).ids())
                .isNotEqualTo(plain.encode("a  </s>", 9).ids());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"type\": \"Unigram\" | \"type\": \"WordPiece\" | model 'WordPiece'; legal: Unigram",
                "\"NFKC\" | \"Lowercase\" | normalizer 'Lowercase'; legal: Sequence, Precompiled",
                "\" {2,}\" | \"(x)\" | normalizer's expression '(x)'",
                "\"type\": \"Metaspace\" | \"type\": \"Punctuation\" | pre_tokenizer 'Punctuation'",
                "\"always\" | \"first\" | prepend_scheme 'first'; legal: always, never",
                "\"TemplateProcessing\" | \"BertProcessing\" | post_processor 'BertProcessing'",
                "\"byte_fallback\": false | \"byte_fallback\": true | byte_fallback 'true'",
                "\"unk_id\": 2 | \"unk_id\": null | unk_id 'null'",
                "\"single_word\": false | \"single_word\": true | single_word of token '<pad>'",
            })
    void refusesByNameWhatIsNotBuilt(String old, String fresh, String message, @TempDir Path folder)
            throws IOException {
        String json = Files.readString(SMALL.resolve("tokenizer.json"));
        assertThat(json).contains(old);
        Files.writeString(folder.resolve("tokenizer.json"), json.replace(old, fresh));
        assertThatThrownBy(() -> Tokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContaining(message);
    }

    @Test
    void refusesATokenizerOfAnotherClass(@TempDir Path folder) throws IOException {
        Files.copy(SMALL.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        Files.writeString(
                folder.resolve("tokenizer_config.json"),
                "{\"tokenizer_class\": \"BertTokenizer\"}");
        assertThatThrownBy(() -> Tokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContainingAll("tokenizer_config.json", "BertTokenizer", "T5Tokenizer");
    }

    @Test
    void refusesARoleWhoseTokenTheVocabularyLacks(@TempDir Path folder) throws IOException {
        Files.copy(PIECES.resolve("spiece.model"), folder.resolve("spiece.model"));
        Files.writeString(folder.resolve("tokenizer_config.json"), "{\"pad_token\": \"<fill>\"}");
        assertThatThrownBy(() -> Tokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContainingAll(folder.toString(), "pad_token '<fill>'");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 3, 1000, 100_000})
    void refusesAModelThatEndsEarly(int length, @TempDir Path folder) throws IOException {
        byte[] whole = Files.readAllBytes(PIECES.resolve("spiece.model"));
        Files.write(folder.resolve("spiece.model"), Arrays.copyOf(whole, length));
        assertThatThrownBy(() -> Tokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContainingAll("spiece.model", "is no SentencePiece model");
    }

    @Test
    void namesAllThatAFolderCouldHaveHad(@TempDir Path folder) {
        assertThatThrownBy(() -> Tokenizer.load(folder))
                .isInstanceOf(TokenizerException.class)
                .hasMessageContainingAll(
                        folder.toString(),
                        "vocab.json and merges.txt, or tokenizer.json, or spiece");
    }

    private static JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(FIXTURES.resolve("tokenizers").resolve(file).toFile());
    }

    private static List<Integer> numbers(JsonNode list) {
        List<Integer> numbers = new ArrayList<>();
        list.forEach(number -> numbers.add(number.intValue()));
        return numbers;
    }

    private static List<Integer> numbers(LongTensor tensor) {
        return Arrays.stream(tensor.toArray()).mapToObj(value -> (int) value).toList();
    }
}
