package dev.darkroom.worker.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// CLIP's tokenizer: lower-cased words as byte pairs, between a start and an end token, padded to
/// the window of the text encoder. Immutable, and safe to share between threads.
///
/// Equal to the reference's `CLIPTokenizer` (`models/clip/tokenization_clip.py` of transformers):
/// special tokens are found in the text as it is; the rest is composed (NFC), its whitespace
/// becomes spaces, it is lower-cased letter by letter, and split into contractions, runs of
/// letters, single digits and runs of other characters.
public final class ClipTokenizer implements Tokenizer {
    /// The text encoder's window where the folder does not say: the `context_length` of Radford et
    /// al. 2021 (CLIP).
    private static final int DEFAULT_LENGTH = 77;

    /// The start and the end token.
    private static final int LEAST_LENGTH = 2;

    private static final Pattern WHITESPACE = unicode("\\s+");
    private static final Pattern WORDS =
            unicode(
                    "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+");

    /// How the byte-level stage splits a word again; it matters only where lower-casing made a
    /// special token.
    private static final Pattern PARTS =
            unicode("'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}+|[^\\s\\p{L}\\p{N}]+");

    private static final int CAPITAL_I_WITH_DOT = 0x130;

    /// A token that is found as it is instead of being made of bytes.
    private record Special(AddedTokens.Token token, boolean afterNormalization) {}

    private final ByteAlphabet alphabet = new ByteAlphabet();
    private final Map<String, Integer> vocabulary;
    private final Map<Integer, String> tokens = new HashMap<>();
    private final BytePairEncoding encoding;
    private final AddedTokens asWritten;
    private final AddedTokens normalized;
    private final int start;
    private final int end;
    private final int padding;
    private final int maxLength;

    private ClipTokenizer(Folder folder) {
        vocabulary = folder.vocabulary();
        vocabulary.forEach((token, id) -> tokens.put(id, token));
        start = folder.idOf("bos_token", "<|startoftext|>");
        end = folder.idOf("eos_token", "<|endoftext|>");
        padding = folder.idOf("pad_token", "<|endoftext|>");
        maxLength = folder.maxLength();
        encoding =
                new BytePairEncoding(
                        vocabulary, folder.merges(), folder.idOf("unk_token", "<|endoftext|>"));
        Map<Boolean, List<AddedTokens.Token>> specials =
                folder.specials().stream()
                        .collect(
                                Collectors.partitioningBy(
                                        Special::afterNormalization,
                                        Collectors.mapping(Special::token, Collectors.toList())));
        asWritten = new AddedTokens(specials.getOrDefault(false, List.of()));
        normalized = new AddedTokens(specials.getOrDefault(true, List.of()));
    }

    /// The tokenizer in `folder`: `vocab.json` and `merges.txt`, or else `tokenizer.json`;
    /// `tokenizer_config.json` and `special_tokens_map.json` where they are.
    ///
    /// @throws TokenizerException when a file is missing, unreadable or contradictory
    public static ClipTokenizer load(Path folder) {
        return new ClipTokenizer(new Folder(folder));
    }

    @Override
    public int maxLength() {
        return maxLength;
    }

    /// The token that ends a text; the text encoder's pooled output is taken there.
    public int endToken() {
        return end;
    }

    @Override
    public Tokens encode(String text, int length) {
        if (length < LEAST_LENGTH) {
            throw new IllegalArgumentException(
                    "length is " + length + "; legal: at least " + LEAST_LENGTH);
        }
        List<Integer> own = new ArrayList<>();
        asWritten.split(
                text,
                rest -> normalized.split(normalize(rest), part -> encodeWords(part, own), own::add),
                own::add);
        int fitting = Math.min(own.size(), length - LEAST_LENGTH);
        List<Integer> ids = new ArrayList<>(length);
        ids.add(start);
        ids.addAll(own.subList(0, fitting));
        ids.add(end);
        int missing = length - ids.size();
        ids.addAll(Collections.nCopies(missing, padding));
        List<Integer> cut = own.subList(fitting, own.size());
        return new Tokens(ids, missing, cut.size(), decode(cut));
    }

    private void encodeWords(String text, List<Integer> into) {
        Matcher word = WORDS.matcher(text);
        while (word.find()) {
            Matcher part = PARTS.matcher(word.group());
            while (part.find()) {
                encoding.encode(alphabet.encode(part.group()), into::add);
            }
        }
    }

    private String decode(List<Integer> ids) {
        StringBuilder text = new StringBuilder();
        for (int id : ids) {
            String token = tokens.getOrDefault(id, "");
            boolean ends = token.endsWith(BytePairEncoding.END_OF_WORD);
            String characters =
                    ends
                            ? token.substring(
                                    0, token.length() - BytePairEncoding.END_OF_WORD.length())
                            : token;
            text.append(characters).append(ends ? " " : "");
        }
        return Stream.of(text.toString().split(" ", -1))
                .map(alphabet::decode)
                .collect(Collectors.joining(" "))
                .strip();
    }

    private static String normalize(String text) {
        String composed = Normalizer.normalize(text, Normalizer.Form.NFC);
        String spaced = WHITESPACE.matcher(composed).replaceAll(" ");
        // Letter by letter, so a final sigma is no exception, as String.toLowerCase would have it.
        StringBuilder lower = new StringBuilder(spaced.length());
        spaced.codePoints()
                .forEach(letter -> {
                    lower.appendCodePoint(Character.toLowerCase(letter));
                    if (letter == CAPITAL_I_WITH_DOT) {
                        lower.append('\u0307');
                    }
                });
        return lower.toString();
    }

    private static Pattern unicode(String regex) {
        return Pattern.compile(regex, Pattern.UNICODE_CHARACTER_CLASS);
    }

    /// A tokenizer's folder, read and checked.
    private static final class Folder {
        private final Path path;
        private final TokenizerFiles files;
        private final String source;
        private final JsonNode model;
        private final Map<String, Integer> vocabulary;

        Folder(Path path) {
            this.path = path;
            Optional<String> lacking = Tokenizer.lacking(path);
            if (lacking.isPresent()) {
                throw new TokenizerException(path + " lacks " + lacking.get());
            }
            files = new TokenizerFiles(path);
            boolean pairs =
                    files.has(TokenizerFiles.VOCABULARY) && files.has(TokenizerFiles.MERGES);
            source = pairs ? TokenizerFiles.VOCABULARY : TokenizerFiles.TOKENIZER;
            // What of tokenizer.json is not read here is the same for all of CLIP.
            model = pairs ? MissingNode.getInstance() : files.read(source).path("model");
            JsonNode listed = pairs ? files.read(source) : model.path("vocab");
            Map<String, Integer> ids = new HashMap<>();
            for (Map.Entry<String, JsonNode> entry : listed.properties()) {
                if (!entry.getValue().isInt() || entry.getValue().intValue() < 0) {
                    throw new TokenizerException(
                            path.resolve(source)
                                    + " gives token '"
                                    + entry.getKey()
                                    + "' the id "
                                    + entry.getValue()
                                    + "; legal: whole numbers from 0");
                }
                ids.put(entry.getKey(), entry.getValue().intValue());
            }
            vocabulary = Collections.unmodifiableMap(ids);
        }

        Map<String, Integer> vocabulary() {
            return vocabulary;
        }

        List<String> merges() {
            if (!model.isMissingNode()) {
                List<String> merges = new ArrayList<>();
                for (JsonNode merge : model.path("merges")) {
                    // Newer files have a pair of texts, older ones a text with a space between.
                    merges.add(
                            merge.isTextual()
                                    ? merge.textValue()
                                    : merge.path(0).asText() + " " + merge.path(1).asText());
                }
                return merges;
            }
            Path file = path.resolve(TokenizerFiles.MERGES);
            try (Stream<String> lines = Files.lines(file)) {
                return lines.filter(line -> !line.isBlank() && !line.startsWith("#version"))
                        .toList();
            } catch (IOException e) {
                throw new TokenizerException("cannot read " + file, e);
            }
        }

        int maxLength() {
            return files.maxLength(DEFAULT_LENGTH, LEAST_LENGTH);
        }

        int idOf(String role, String otherwise) {
            String text = TokenizerFiles.textOf(files.role(role), otherwise);
            Integer id = vocabulary.get(text);
            if (id == null) {
                throw new TokenizerException(
                        path + " has the " + role + " '" + text + "', which its vocabulary lacks");
            }
            return id;
        }

        /// The special tokens. What `added_tokens_decoder` says of one holds; else what the last of
        /// the roles says that it plays.
        List<Special> specials() {
            Map<String, Special> specials = new TreeMap<>();
            for (String role : List.of("bos_token", "eos_token", "unk_token", "pad_token")) {
                String otherwise = role.equals("bos_token") ? "<|startoftext|>" : "<|endoftext|>";
                Special special = special(files.role(role), otherwise);
                specials.put(special.token.text(), special);
            }
            for (JsonNode token : files.config().path("added_tokens_decoder")) {
                Special special = special(token, "");
                specials.put(special.token.text(), special);
            }
            return List.copyOf(specials.values());
        }

        private Special special(JsonNode token, String otherwise) {
            String text = TokenizerFiles.textOf(token, otherwise);
            for (String flag : List.of("lstrip", "rstrip", "single_word")) {
                if (token.path(flag).asBoolean(false)) {
                    throw new TokenizerException(
                            path + " sets " + flag + " of token '" + text + "'; legal: false");
                }
            }
            Integer id = vocabulary.get(text);
            if (id == null) {
                throw new TokenizerException(
                        path + " has the special token '" + text + "', which its vocabulary lacks");
            }
            return new Special(
                    new AddedTokens.Token(text, id, List.of()),
                    token.path("normalized").asBoolean(false));
        }
    }
}
