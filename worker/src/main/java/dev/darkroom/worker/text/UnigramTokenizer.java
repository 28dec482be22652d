package dev.darkroom.worker.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A tokenizer of pieces with probabilities, as T5 has it: words become the most probable pieces,
/// an end token follows, and padding. Immutable, and safe to share between threads.
///
/// Equal to the reference's `T5Tokenizer` (`models/t5/tokenization_t5.py` of transformers), and for
/// folders that name no class of a model to what their `tokenizer.json` says.
public final class UnigramTokenizer implements Tokenizer {
    /// The longest text where the folder does not say: Raffel et al. 2020 (T5), section 3.1.1.
    private static final int DEFAULT_LENGTH = 512;

    private static final int SENTINELS = 100;

    private final Unigram model;
    private final Words words;
    private final UnaryOperator<String> normalizer;
    private final AddedTokens asWritten;
    private final AddedTokens normalized;
    private final Map<Integer, String> addedTexts;
    private final List<Integer> before;
    private final List<Integer> after;
    private final int padding;
    private final int maxLength;

    private UnigramTokenizer(Parts parts) {
        model = parts.model;
        words = parts.words;
        normalizer = parts.normalizer;
        asWritten = new AddedTokens(parts.asWritten);
        normalized = new AddedTokens(parts.normalized);
        addedTexts = Map.copyOf(parts.addedTexts);
        before = List.copyOf(parts.before);
        after = List.copyOf(parts.after);
        padding = parts.idOfRole("pad_token", "<pad>");
        maxLength = parts.files.maxLength(DEFAULT_LENGTH, before.size() + after.size());
    }

    /// The tokenizer in `folder`: `tokenizer.json`, or else `spiece.model`; `tokenizer_config.json`
    /// and `special_tokens_map.json` where they are.
    ///
    /// @throws TokenizerException when a file is missing, unreadable or contradictory, or says
    ///   something that is not built
    public static UnigramTokenizer load(Path folder) {
        TokenizerFiles files = new TokenizerFiles(folder);
        if (files.has(TokenizerFiles.TOKENIZER)) {
            return new UnigramTokenizer(new Parts(files, files.read(TokenizerFiles.TOKENIZER)));
        }
        if (files.has(TokenizerFiles.PIECES)) {
            Path file = folder.resolve(TokenizerFiles.PIECES);
            return new UnigramTokenizer(new Parts(files, SentencePieceFile.read(file)));
        }
        throw new TokenizerException(
                folder + " lacks " + TokenizerFiles.TOKENIZER + " or " + TokenizerFiles.PIECES);
    }

    @Override
    public int maxLength() {
        return maxLength;
    }

    @Override
    public Tokens encode(String text, int length) {
        int room = length - before.size() - after.size();
        if (room < 0) {
            throw new IllegalArgumentException(
                    "length is " + length + "; legal: at least " + (length - room));
        }
        List<Integer> own = new ArrayList<>();
        asWritten.split(
                text,
                rest ->
                        normalized.split(
                                normalizer.apply(rest), part -> encodeWords(part, own), own::add),
                own::add);
        List<Integer> fitting = own.subList(0, Math.min(own.size(), room));
        List<Integer> ids = new ArrayList<>(length);
        ids.addAll(before);
        ids.addAll(fitting);
        ids.addAll(after);
        int missing = length - ids.size();
        ids.addAll(Collections.nCopies(missing, padding));
        List<Integer> cut = own.subList(fitting.size(), own.size());
        return new Tokens(ids, missing, cut.size(), decode(cut));
    }

    private void encodeWords(String text, List<Integer> into) {
        words.divide(text).forEach(word -> into.addAll(model.encode(word)));
    }

    private String decode(List<Integer> ids) {
        return ids.stream()
                .map(id -> addedTexts.containsKey(id) ? addedTexts.get(id) : model.text(id))
                .collect(Collectors.joining())
                .replace(Words.SPACE, " ")
                .strip();
    }

    /// The parts of a tokenizer as its files give them.
    private static final class Parts {
        private final TokenizerFiles files;
        private final Unigram model;
        private final Words words;
        private final UnaryOperator<String> normalizer;
        private final List<AddedTokens.Token> asWritten = new ArrayList<>();
        private final List<AddedTokens.Token> normalized = new ArrayList<>();
        private final Map<Integer, String> addedTexts = new HashMap<>();
        private final List<Integer> before = new ArrayList<>();
        private final List<Integer> after = new ArrayList<>();

        /// From a SentencePiece model, whose vocabulary T5's sentinels follow.
        Parts(TokenizerFiles files, SentencePieceFile file) {
            this.files = files;
            List<Unigram.Piece> pieces = new ArrayList<>(file.pieces());
            List<String> special = new ArrayList<>(file.special());
            special.add(pieces.get(file.unknown()).text());
            for (int i = files.config().path("extra_ids").asInt(SENTINELS) - 1; i >= 0; i--) {
                special.add("<extra_id_" + i + ">");
                pieces.add(new Unigram.Piece(special.getLast(), 0));
            }
            model = new Unigram(pieces, file.unknown());
            words = Words.T5;
            normalizer = file.normalizer();
            special.forEach(text -> add(text, model.id(text)));
            after.add(idOfRole("eos_token", "</s>"));
        }

        /// From `tokenizer.json`.
        Parts(TokenizerFiles files, JsonNode json) {
            this.files = files;
            model = model(json.path("model"));
            boolean t5 = files.kind() == TokenizerFiles.Kind.T5;
            JsonNode described = json.path("normalizer");
            normalizer = t5 ? Normalizers.charsmapOf(described) : Normalizers.of(described);
            words = t5 ? Words.T5 : Words.of(json.path("pre_tokenizer"));
            json.path("added_tokens").forEach(this::add);
            template(json.path("post_processor"));
        }

        private static Unigram model(JsonNode json) {
            String type = json.path("type").asText("Unigram");
            if (!type.equals("Unigram")) {
                throw Normalizers.refusal("model", type, List.of("Unigram"));
            }
            if (json.path("byte_fallback").asBoolean(false)) {
                throw Normalizers.refusal("byte_fallback", "true", List.of("false"));
            }
            List<Unigram.Piece> pieces = new ArrayList<>();
            for (JsonNode piece : json.path("vocab")) {
                if (!piece.path(0).isTextual() || !piece.path(1).isNumber()) {
                    throw Normalizers.refusal("piece", piece.toString(), List.of("[text, score]"));
                }
                pieces.add(new Unigram.Piece(piece.get(0).textValue(), piece.get(1).doubleValue()));
            }
            int unknown = json.path("unk_id").asInt(-1);
            if (unknown < 0 || unknown >= pieces.size()) {
                throw Normalizers.refusal(
                        "unk_id", json.path("unk_id").toString(), List.of("the id of a piece"));
            }
            return new Unigram(pieces, unknown);
        }

        private void add(String text, int id) {
            asWritten.add(new AddedTokens.Token(text, id, List.of()));
            addedTexts.put(id, text);
        }

        private void add(JsonNode token) {
            String text = token.path("content").asText();
            int id = token.path("id").asInt(-1);
            if (text.isEmpty() || id < 0) {
                throw Normalizers.refusal(
                        "added token", token.toString(), List.of("one with id and content"));
            }
            if (token.path("single_word").asBoolean(false)) {
                throw Normalizers.refusal("single_word of token", text, List.of("false"));
            }
            List<AddedTokens.Side> sides = new ArrayList<>();
            if (token.path("lstrip").asBoolean(false)) {
                sides.add(AddedTokens.Side.LEFT);
            }
            if (token.path("rstrip").asBoolean(false)) {
                sides.add(AddedTokens.Side.RIGHT);
            }
            if (token.path("normalized").asBoolean(false)) {
                normalized.add(new AddedTokens.Token(normalizer.apply(text), id, sides));
            } else {
                asWritten.add(new AddedTokens.Token(text, id, sides));
            }
            addedTexts.put(id, text);
        }

        /// The tokens that begin and end every text.
        private void template(JsonNode json) {
            if (json.isMissingNode() || json.isNull()) {
                return;
            }
            String type = json.path("type").asText();
            if (!type.equals("TemplateProcessing")) {
                throw Normalizers.refusal("post_processor", type, List.of("TemplateProcessing"));
            }
            List<Integer> side = before;
            for (JsonNode part : json.path("single")) {
                if (part.has("Sequence")) {
                    side = after;
                    continue;
                }
                String name = part.path("SpecialToken").path("id").asText();
                for (JsonNode id : json.path("special_tokens").path(name).path("ids")) {
                    side.add(id.intValue());
                }
            }
        }

        private int idOfRole(String role, String otherwise) {
            String text = TokenizerFiles.textOf(files.role(role), otherwise);
            @Nullable Integer added =
                    addedTexts.entrySet().stream()
                            .filter(entry -> entry.getValue().equals(text))
                            .map(Map.Entry::getKey)
                            .findFirst()
                            .orElse(null);
            if (added != null) {
                return added;
            }
            if (!model.has(text)) {
                throw new TokenizerException(
                        files.path()
                                + " has the "
                                + role
                                + " '"
                                + text
                                + "', which its vocabulary lacks");
            }
            return model.id(text);
        }
    }
}
