package dev.darkroom.worker.media;

import dev.darkroom.protocol.failure.FailureCode;

/// A file that is no picture that can be taken: another format, damaged, or above a limit.
public final class PictureRefusedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureCode code;
    private final String found;
    private final String legal;

    private PictureRefusedException(FailureCode code, String found, String legal) {
        super(found + "; legal: " + legal);
        this.code = code;
        this.found = found;
        this.legal = legal;
    }

    /// A file whose content cannot be taken.
    ///
    /// @param found what it is, for example `a GIF file`
    static PictureRefusedException rejected(String found, String legal) {
        return new PictureRefusedException(FailureCode.INPUT_REJECTED, found, legal);
    }

    /// A file that is not as its format wants it.
    ///
    /// @param format for example `PNG`
    /// @param how what is wrong
    static PictureRefusedException damaged(String format, String how) {
        return rejected("a damaged " + format + " file (" + how + ")", "a sound one");
    }

    /// A file that ends before its picture does.
    static PictureRefusedException truncated(String format) {
        return damaged(format, "it ends too early");
    }

    /// A picture that is too large.
    ///
    /// @param found its size, for example `9000 × 10 pixels`
    static PictureRefusedException tooLarge(String found, String legal) {
        return new PictureRefusedException(FailureCode.LIMIT_EXCEEDED, found, legal);
    }

    /// `INPUT_REJECTED`, or `LIMIT_EXCEEDED` for what is too large.
    public FailureCode code() {
        return code;
    }

    /// What the file is, or what is wrong with it.
    public String found() {
        return found;
    }

    /// What would have been taken.
    public String legal() {
        return legal;
    }
}
