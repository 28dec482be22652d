package dev.darkroom.protocol.json;

/// What makes text legal: Unicode that every reader can decode, without the NUL that many cut at.
final class Texts {
    private Texts() {}

    /// Whether there is neither a NUL nor half of a surrogate pair in the text.
    static boolean legal(String text) {
        return text.codePoints().noneMatch(Texts::isIllegal);
    }

    /// The text with a replacement character for everything that is not legal.
    static String printable(String text) {
        StringBuilder clean = new StringBuilder(text.length());
        text.codePoints().map(c -> isIllegal(c) ? '\uFFFD' : c).forEach(clean::appendCodePoint);
        return clean.toString();
    }

    private static boolean isIllegal(int codePoint) {
        boolean half = codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
        return codePoint == 0 || half;
    }
}
