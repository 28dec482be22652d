package dev.darkroom.worker.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// How a text is divided into the words that are made of pieces: the `pre_tokenizer` of
/// `tokenizer.json`. A space becomes a mark that can be seen, with which a word begins. Immutable.
final class Words {
    /// The mark that stands for a space.
    static final String SPACE = "▁";

    private static final Pattern WHITESPACE =
            Pattern.compile("\\s+", Pattern.UNICODE_CHARACTER_CLASS);
    private static final Pattern BEFORE_MARK = Pattern.compile("(?=" + SPACE + ")");

    /// What T5 does: words between whitespace, each with a mark before it.
    static final Words T5 =
            new Words(
                    List.of(
                            text -> WHITESPACE.splitAsStream(text),
                            text -> Stream.of(marked(text, Mark.ALWAYS))));

    private final List<Stage> stages;

    /// A division of texts; no word of it is empty.
    @FunctionalInterface
    private interface Stage {
        Stream<String> divide(String text);
    }

    /// Whether a text gets a mark before it that has none.
    private enum Mark {
        ALWAYS,
        NEVER
    }

    private Words(List<Stage> stages) {
        this.stages = List.copyOf(stages);
    }

    /// The division of this description; where it is absent a text is one word.
    ///
    /// @throws TokenizerException for what is not built
    static Words of(JsonNode description) {
        List<Stage> stages = new ArrayList<>();
        read(description, stages);
        return new Words(stages);
    }

    /// The words of a text.
    List<String> divide(String text) {
        Stream<String> words = Stream.of(text);
        for (Stage stage : stages) {
            words = words.flatMap(stage::divide);
        }
        return words.filter(word -> !word.isEmpty()).toList();
    }

    private static void read(JsonNode description, List<Stage> into) {
        if (description.isMissingNode() || description.isNull()) {
            return;
        }
        String type = description.path("type").asText();
        switch (type) {
            case "Sequence" -> description.path("pretokenizers").forEach(d -> read(d, into));
            case "WhitespaceSplit" -> into.add(text -> WHITESPACE.splitAsStream(text));
            case "Metaspace" -> into.add(metaspace(description));
            default ->
                    throw Normalizers.refusal(
                            "pre_tokenizer",
                            type,
                            List.of("Sequence", "WhitespaceSplit", "Metaspace"));
        }
    }

    private static Stage metaspace(JsonNode description) {
        String replacement = description.path("replacement").asText(SPACE);
        if (!replacement.equals(SPACE)) {
            throw Normalizers.refusal("replacement", replacement, List.of(SPACE));
        }
        // Older files say add_prefix_space instead.
        boolean prefix = description.path("add_prefix_space").asBoolean(true);
        String scheme = description.path("prepend_scheme").asText(prefix ? "always" : "never");
        Mark mark =
                switch (scheme) {
                    case "always" -> Mark.ALWAYS;
                    case "never" -> Mark.NEVER;
                    default ->
                            throw Normalizers.refusal(
                                    "prepend_scheme", scheme, List.of("always", "never"));
                };
        return description.path("split").asBoolean(true)
                ? text -> BEFORE_MARK.splitAsStream(marked(text, mark))
                : text -> Stream.of(marked(text, mark));
    }

    private static String marked(String text, Mark mark) {
        String replaced = text.replace(" ", SPACE);
        boolean bare = mark == Mark.ALWAYS && !text.isEmpty() && !replaced.startsWith(SPACE);
        return bare ? SPACE + replaced : replaced;
    }
}
