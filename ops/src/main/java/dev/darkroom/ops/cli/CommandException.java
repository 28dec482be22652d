package dev.darkroom.ops.cli;

/// Ends a command with a message for the person who typed it.
final class CommandException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Exit exit;

    /// An end with nothing underneath that a person would want to see.
    CommandException(Exit exit, String message) {
        super(message);
        this.exit = exit;
    }

    /// An end that another exception led to; shown with `--debug`.
    CommandException(Exit exit, String message, Throwable cause) {
        super(message, cause);
        this.exit = exit;
    }

    /// The user's own mistake, in the words of whoever refused the value.
    static CommandException usage(IllegalArgumentException refusal) {
        return new CommandException(Exit.USAGE, String.valueOf(refusal.getMessage()), refusal);
    }

    /// The exit status.
    Exit exit() {
        return exit;
    }
}
