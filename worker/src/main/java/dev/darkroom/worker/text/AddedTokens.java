package dev.darkroom.worker.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Tokens that are found in a text as they are, before it is divided: the leftmost, and of those
/// the longest. Immutable.
final class AddedTokens {
    /// A pattern that matches nowhere.
    private static final Pattern NOTHING = Pattern.compile("(?!)");

    private static final Pattern SPACE = Pattern.compile("\\s*", Pattern.UNICODE_CHARACTER_CLASS);

    private final Map<String, Token> tokens = new HashMap<>();
    private final Pattern pattern;

    /// One of them.
    ///
    /// @param text what is found
    /// @param id what it becomes
    /// @param sides where it takes the whitespace beside it with it
    record Token(String text, int id, List<Side> sides) {
        /// Copies the list.
        Token {
            sides = List.copyOf(sides);
        }
    }

    /// Where whitespace may lie beside a token.
    enum Side {
        /// Before the token.
        LEFT,
        /// After the token.
        RIGHT
    }

    /// Finds these tokens.
    AddedTokens(Collection<Token> tokens) {
        tokens.forEach(token -> this.tokens.put(token.text, token));
        String longestFirst =
                this.tokens.keySet().stream()
                        .sorted(Comparator.comparingInt(String::length).reversed())
                        .map(Pattern::quote)
                        .collect(Collectors.joining("|"));
        pattern = this.tokens.isEmpty() ? NOTHING : Pattern.compile(longestFirst);
    }

    /// Gives the texts between the tokens and the tokens' ids to their consumers, in order; empty
    /// texts are left out.
    void split(String text, Consumer<String> between, IntConsumer token) {
        int from = 0;
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            Token found = tokens.get(matcher.group());
            if (found == null) {
                throw new IllegalStateException("no token " + matcher.group());
            }
            int start = matcher.start();
            int end = matcher.end();
            if (found.sides.contains(Side.LEFT)) {
                while (start > from && isSpace(text.codePointBefore(start))) {
                    start -= Character.charCount(text.codePointBefore(start));
                }
            }
            if (found.sides.contains(Side.RIGHT)) {
                Matcher space = SPACE.matcher(text).region(end, text.length());
                end = space.lookingAt() ? space.end() : end;
            }
            give(text, from, Math.max(from, start), between);
            token.accept(found.id);
            from = Math.max(from, end);
        }
        give(text, from, text.length(), between);
    }

    private static void give(String text, int from, int to, Consumer<String> between) {
        if (from < to) {
            between.accept(text.substring(from, to));
        }
    }

    private static boolean isSpace(int character) {
        return SPACE.matcher(Character.toString(character)).matches();
    }
}
