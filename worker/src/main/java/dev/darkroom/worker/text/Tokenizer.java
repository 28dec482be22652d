package dev.darkroom.worker.text;

import java.nio.file.Path;
import java.util.Optional;

/// Turns texts into the numbers that a text encoder takes. Immutable, and safe to share between
/// threads.
public sealed interface Tokenizer permits ClipTokenizer, UnigramTokenizer {
    /// The tokens of `text`, cut and padded to `length`: the tokens that begin and end every text
    /// are always among them.
    ///
    /// @throws IllegalArgumentException when not even those fit
    Tokens encode(String text, int length);

    /// The tokens of `text`, cut and padded to [#maxLength].
    default Tokens encode(String text) {
        return encode(text, maxLength());
    }

    /// The longest text that the tokenizer's model was made for, in tokens.
    int maxLength();

    /// The tokenizer in `folder`, of the kind that its `tokenizer_config.json` names: `vocab.json`
    /// and `merges.txt`, or `tokenizer.json`, or `spiece.model`.
    ///
    /// @throws TokenizerException when a file is missing, unreadable or contradictory, or says
    ///   something that is not built
    static Tokenizer load(Path folder) {
        Optional<String> lacking = lacking(folder);
        if (lacking.isPresent()) {
            throw new TokenizerException(folder + " lacks " + lacking.get());
        }
        return switch (new TokenizerFiles(folder).kind()) {
            case CLIP -> ClipTokenizer.load(folder);
            case T5, DESCRIBED -> UnigramTokenizer.load(folder);
        };
    }

    /// The files that a folder lacks to be a tokenizer; nothing when it has a vocabulary.
    static Optional<String> lacking(Path folder) {
        return TokenizerFiles.lacking(folder);
    }
}
