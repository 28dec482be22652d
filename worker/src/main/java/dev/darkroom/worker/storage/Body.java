package dev.darkroom.worker.storage;

import java.io.IOException;
import java.io.InputStream;

/// The content of an answer, read under a limit: the length that is announced is judged first, and
/// whatever is announced, never more than the limit is kept.
public final class Body {
    private Body() {}

    /// Everything that `in` holds.
    ///
    /// @param announced its length as the answer's header has it; negative when it has none
    /// @param most bytes allowed
    /// @throws BodyTooLargeException when there are more
    public static byte[] read(InputStream in, long announced, int most) throws IOException {
        if (announced > most) {
            throw BodyTooLargeException.announced(announced);
        }
        byte[] content = in.readNBytes(most);
        if (content.length == most && in.read() >= 0) {
            throw BodyTooLargeException.found(most);
        }
        return content;
    }
}
