package dev.darkroom.worker.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
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
public final class ClipTokenizer {
    private static final String VOCABULARY = "vocab.json";
    private static final String MERGES = "merges.txt";
    private static final String CONFIG = "tokenizer_config.json";
    private static final String SPECIAL_TOKENS = "special_tokens_map.json";

    /// The text encoder's window where the folder does not say: the `context_length` of Radford et
    /// al. 2021 (CLIP).
    private static final int DEFAULT_LENGTH = 77;

    private static final Pattern WHITESPACE = unicode("\\s+");
    private static final Pattern WORDS =
            unicode(
                    "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}|[^\\s\\p{L}\\p{N}]+");

    /// How the byte-level stage splits a word again; it matters only where lower-casing made a
    /// special token.
    private static final Pattern PARTS =
            unicode("'s|'t|'re|'ve|'m|'ll|'d|\\p{L}+|\\p{N}+|[^\\s\\p{L}\\p{N}]+");

    /// A pattern that matches nowhere.
    private static final String NOTHING = "(?!)";

    private static final int CAPITAL_I_WITH_DOT = 0x130;

    /// A token that is found as it is instead of being made of bytes.
    private record Special(String text, boolean afterNormalization) {}

    private final ByteAlphabet alphabet = new ByteAlphabet();
    private final Map<String, Integer> vocabulary;
    private final Map<Integer, String> tokens = new HashMap<>();
    private final BytePairEncoding encoding;
    private final SpecialTokens asWritten;
    private final SpecialTokens normalized;
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
        Map<Boolean, List<String>> specials =
                folder.specials().stream()
                        .collect(
                                Collectors.partitioningBy(
                                        Special::afterNormalization,
                                        Collectors.mapping(Special::text, Collectors.toList())));
        asWritten = new SpecialTokens(specials.getOrDefault(false, List.of()));
        normalized = new SpecialTokens(specials.getOrDefault(true, List.of()));
    }

    /// The tokenizer in `folder`: `vocab.json` and `merges.txt`; `tokenizer_config.json` and
    /// `special_tokens_map.json` where they are.
    ///
    /// @throws TokenizerException when a file is missing, unreadable or contradictory
    public static ClipTokenizer load(Path folder) {
        return new ClipTokenizer(new Folder(folder));
    }

    /// The number of tokens that every text becomes, padding included.
    public int maxLength() {
        return maxLength;
    }

    /// The token that ends a text; the text encoder's pooled output is taken there.
    public int endToken() {
        return end;
    }

    /// The tokens of `text`: start, as many of its own as fit, end, padding.
    public Tokens encode(String text) {
        List<Integer> own = new ArrayList<>();
        asWritten.split(
                text,
                rest -> normalized.split(normalize(rest), part -> encodeWords(part, own), own::add),
                own::add);
        int room = Math.max(0, maxLength - 2);
        int fitting = Math.min(own.size(), room);
        List<Integer> ids = new ArrayList<>(maxLength);
        ids.add(start);
        ids.addAll(own.subList(0, fitting));
        ids.add(end);
        ids.addAll(Collections.nCopies(maxLength - ids.size(), padding));
        List<Integer> cut = own.subList(fitting, own.size());
        return new Tokens(ids, cut.size(), decode(cut));
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

    /// The finding of special tokens in a text: the leftmost, and of those the longest.
    private final class SpecialTokens {
        private final Pattern pattern;

        SpecialTokens(List<String> texts) {
            String longestFirst =
                    texts.stream()
                            .sorted(Comparator.comparingInt(String::length).reversed())
                            .map(Pattern::quote)
                            .collect(Collectors.joining("|"));
            pattern = Pattern.compile(texts.isEmpty() ? NOTHING : longestFirst);
        }

        /// Gives the texts between special tokens and the tokens' ids to their consumers, in order.
        void split(String text, Consumer<String> between, IntConsumer special) {
            int from = 0;
            Matcher matcher = pattern.matcher(text);
            while (matcher.find()) {
                between.accept(text.substring(from, matcher.start()));
                Integer id = vocabulary.get(matcher.group());
                if (id == null) {
                    throw new IllegalStateException("no token " + matcher.group());
                }
                special.accept(id);
                from = matcher.end();
            }
            between.accept(text.substring(from));
        }
    }

    /// The files of a tokenizer's folder, read and checked.
    private static final class Folder {
        private static final ObjectMapper JSON = new ObjectMapper();

        private final Path path;
        private final JsonNode config;
        private final JsonNode specialTokens;
        private final Map<String, Integer> vocabulary;

        Folder(Path path) {
            this.path = path;
            List<String> missing =
                    Stream.of(VOCABULARY, MERGES)
                            .filter(file -> !Files.isRegularFile(path.resolve(file)))
                            .toList();
            if (!missing.isEmpty()) {
                throw new TokenizerException(path + " lacks " + String.join(" and ", missing));
            }
            config = optional(CONFIG);
            specialTokens = optional(SPECIAL_TOKENS);
            Map<String, Integer> ids = new HashMap<>();
            for (Map.Entry<String, JsonNode> entry : read(VOCABULARY).properties()) {
                if (!entry.getValue().isInt() || entry.getValue().intValue() < 0) {
                    throw new TokenizerException(
                            path.resolve(VOCABULARY)
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
            try (Stream<String> lines = Files.lines(path.resolve(MERGES))) {
                return lines.filter(line -> !line.isBlank() && !line.startsWith("#version"))
                        .toList();
            } catch (IOException e) {
                throw new TokenizerException("cannot read " + path.resolve(MERGES), e);
            }
        }

        int maxLength() {
            JsonNode length = config.path("model_max_length");
            // A tokenizer without a limit is saved with an absurdly large one.
            if (!length.isNumber() || length.doubleValue() > Short.MAX_VALUE) {
                return DEFAULT_LENGTH;
            }
            if (length.intValue() < 2) {
                throw new TokenizerException(
                        path.resolve(CONFIG)
                                + " has model_max_length "
                                + length
                                + "; legal: at least 2, for the start and the end token");
            }
            return length.intValue();
        }

        int idOf(String role, String otherwise) {
            String text = textOf(token(role), otherwise);
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
                Special special = special(token(role), otherwise);
                specials.put(special.text, special);
            }
            for (JsonNode token : config.path("added_tokens_decoder")) {
                Special special = special(token, "");
                specials.put(special.text, special);
            }
            return List.copyOf(specials.values());
        }

        private Special special(JsonNode token, String otherwise) {
            String text = textOf(token, otherwise);
            for (String flag : List.of("lstrip", "rstrip", "single_word")) {
                if (token.path(flag).asBoolean(false)) {
                    throw new TokenizerException(
                            path + " sets " + flag + " of token '" + text + "'; legal: false");
                }
            }
            if (!vocabulary.containsKey(text)) {
                throw new TokenizerException(
                        path + " has the special token '" + text + "', which its vocabulary lacks");
            }
            return new Special(text, token.path("normalized").asBoolean(false));
        }

        /// A special token's description. Folders without `added_tokens_decoder` are of the older
        /// kind, where `special_tokens_map.json` goes first.
        private JsonNode token(String role) {
            boolean older = !config.has("added_tokens_decoder");
            JsonNode first = older ? specialTokens : config;
            JsonNode second = older ? config : specialTokens;
            return first.hasNonNull(role) ? first.path(role) : second.path(role);
        }

        private static String textOf(JsonNode token, String otherwise) {
            return token.isTextual() ? token.textValue() : token.path("content").asText(otherwise);
        }

        private JsonNode optional(String file) {
            return Files.isRegularFile(path.resolve(file)) ? read(file) : JSON.createObjectNode();
        }

        private JsonNode read(String file) {
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
}
