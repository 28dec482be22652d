package dev.darkroom.worker.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The files of a tokenizer's folder, found and read as JSON. Which of them a folder has is the
/// exporter's choice.
final class TokenizerFiles {
    /// A byte-pair vocabulary: token to id.
    static final String VOCABULARY = "vocab.json";

    /// The byte pairs, in order.
    static final String MERGES = "merges.txt";

    /// The whole tokenizer in one file.
    static final String TOKENIZER = "tokenizer.json";

    /// A SentencePiece model.
    static final String PIECES = "spiece.model";

    /// The tokenizer's class, length and roles of special tokens.
    static final String CONFIG = "tokenizer_config.json";

    private static final String SPECIAL_TOKENS = "special_tokens_map.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path path;
    private final JsonNode config;
    private final JsonNode specialTokens;

    /// Of this folder; reads what says how the tokenizer behaves, not its vocabulary.
    ///
    /// @throws TokenizerException when one of the files is no JSON object
    TokenizerFiles(Path path) {
        this.path = path;
        config = optional(CONFIG);
        specialTokens = optional(SPECIAL_TOKENS);
    }

    /// A kind of tokenizer.
    enum Kind {
        /// CLIP's byte pairs.
        CLIP("CLIPTokenizer", "CLIPTokenizerFast"),
        /// T5's pieces.
        T5("T5Tokenizer", "T5TokenizerFast"),
        /// Whatever `tokenizer.json` describes.
        DESCRIBED("PreTrainedTokenizerFast", "TokenizersBackend");

        private final String name;
        private final String otherName;

        Kind(String name, String otherName) {
            this.name = name;
            this.otherName = otherName;
        }

        private static Optional<Kind> ofClass(String name) {
            return Arrays.stream(values())
                    .filter(kind -> kind.name.equals(name) || kind.otherName.equals(name))
                    .findFirst();
        }

        private static List<String> known() {
            return Arrays.stream(values())
                    .flatMap(kind -> Stream.of(kind.name, kind.otherName))
                    .toList();
        }
    }

    /// What a folder lacks to be a tokenizer at all; nothing when it has a vocabulary.
    static Optional<String> lacking(Path path) {
        boolean whole = Stream.of(TOKENIZER, PIECES).anyMatch(file -> has(path, file));
        if (whole || (has(path, VOCABULARY) && has(path, MERGES))) {
            return Optional.empty();
        }
        if (has(path, VOCABULARY)) {
            return Optional.of(MERGES);
        }
        return Optional.of(
                has(path, MERGES)
                        ? VOCABULARY
                        : VOCABULARY + " and " + MERGES + ", or " + TOKENIZER + ", or " + PIECES);
    }

    private static boolean has(Path path, String file) {
        return Files.isRegularFile(path.resolve(file));
    }

    /// Whether the folder has the file.
    boolean has(String file) {
        return has(path, file);
    }

    /// The folder's path, to name it.
    Path path() {
        return path;
    }

    /// What `tokenizer_config.json` says; empty where there is none.
    JsonNode config() {
        return config;
    }

    /// The kind of tokenizer that lies here, by the class that the folder names, else by its files.
    ///
    /// @throws TokenizerException for a class that is not built
    Kind kind() {
        String name = config.path("tokenizer_class").asText("");
        if (name.isEmpty()) {
            boolean pairs = has(VOCABULARY) && has(MERGES);
            return pairs ? Kind.CLIP : has(TOKENIZER) ? Kind.DESCRIBED : Kind.T5;
        }
        return Kind.ofClass(name)
                .orElseThrow(() ->
                        new TokenizerException(
                                path.resolve(CONFIG)
                                        + " has tokenizer_class "
                                        + name
                                        + "; legal: "
                                        + String.join(", ", Kind.known())));
    }

    /// The token that plays a role, such as `pad_token`, as text or as an object with `content`.
    /// Folders without `added_tokens_decoder` are of the older kind, where
    /// `special_tokens_map.json` goes first.
    JsonNode role(String role) {
        boolean older = !config.has("added_tokens_decoder");
        JsonNode first = older ? specialTokens : config;
        JsonNode second = older ? config : specialTokens;
        return first.hasNonNull(role) ? first.path(role) : second.path(role);
    }

    /// The text of a token that is given as text or as an object with `content`.
    static String textOf(JsonNode token, String otherwise) {
        return token.isTextual() ? token.textValue() : token.path("content").asText(otherwise);
    }

    /// The longest text that the tokenizer's model was made for, in tokens.
    ///
    /// @param otherwise for folders that do not say
    /// @param least for the tokens that every text gets
    /// @throws TokenizerException when it is less than the least
    int maxLength(int otherwise, int least) {
        @Nullable JsonNode length = config.get("model_max_length");
        // A tokenizer without a limit is saved with an absurdly large one.
        if (length == null || !length.isNumber() || length.doubleValue() > Short.MAX_VALUE) {
            return otherwise;
        }
        if (length.intValue() < least) {
            throw new TokenizerException(
                    path.resolve(CONFIG)
                            + " has model_max_length "
                            + length
                            + "; legal: at least "
                            + least
                            + ", for the start and the end token");
        }
        return length.intValue();
    }

    /// The JSON object in a file; an empty one where the folder lacks it.
    JsonNode optional(String file) {
        return has(file) ? read(file) : JSON.createObjectNode();
    }

    /// The JSON object in a file.
    ///
    /// @throws TokenizerException when there is none
    JsonNode read(String file) {
        try {
            JsonNode content = JSON.readTree(path.resolve(file).toFile());
            if (content instanceof ObjectNode) {
                return content;
            }
            throw new TokenizerException(path.resolve(file) + " holds no JSON object");
        } catch (JsonProcessingException e) {
            throw new TokenizerException(path.resolve(file) + " is not JSON", e);
        } catch (IOException e) {
            throw new TokenizerException("cannot read " + path.resolve(file), e);
        }
    }
}
