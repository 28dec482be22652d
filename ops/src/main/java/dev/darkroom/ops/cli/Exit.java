package dev.darkroom.ops.cli;

/// How a command ended, as a script sees it.
enum Exit {
    /// Everything that was asked for is done.
    DONE(0),
    /// A job failed or was cancelled, or what was checked is not as it should be.
    FAILED(1),
    /// The command line or a file that it names is wrong.
    USAGE(2),
    /// Something that the command needs is missing or does not answer in time.
    ENVIRONMENT(3),
    /// The user interrupted the command.
    INTERRUPTED(130);

    private final int code;

    Exit(int code) {
        this.code = code;
    }

    /// The process's exit status.
    int code() {
        return code;
    }
}
