package dev.darkroom.ops.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// Where a command writes.
///
/// @param out what was asked for
/// @param err what went wrong
/// @param screen what reads `out`
record Console(PrintStream out, PrintStream err, Screen screen) {
    private static final int USUAL_COLUMNS = 80;

    /// What reads a command's output.
    enum Screen {
        /// A person at a terminal, where a line can be written again.
        TERMINAL,
        /// A file, a pipe or a terminal that cannot.
        PLAIN
    }

    /// The process's own streams.
    // Without a terminal the console is null again since JDK 25, whatever the check believes.
    @SuppressWarnings("SystemConsoleNull")
    static Console ofProcess() {
        java.io.Console console = System.console();
        boolean terminal =
                console != null && console.isTerminal() && !"dumb".equals(System.getenv("TERM"));
        return new Console(System.out, System.err, terminal ? Screen.TERMINAL : Screen.PLAIN);
    }

    /// Leaves a line that may be drawn half, so that the shell's prompt gets one of its own.
    void leaveLine() {
        if (screen == Screen.TERMINAL) {
            out.println();
        }
    }

    /// A way to draw progress that fits the terminal and its character set.
    ProgressBar progressBar() {
        return new ProgressBar(columns(System.getenv("COLUMNS")), glyphs());
    }

    private ProgressBar.Glyphs glyphs() {
        return out.charset().equals(StandardCharsets.UTF_8)
                ? ProgressBar.Glyphs.UNICODE
                : ProgressBar.Glyphs.ASCII;
    }

    private static int columns(@Nullable String variable) {
        if (variable != null && variable.matches("[1-9][0-9]{1,3}")) {
            return Integer.parseInt(variable);
        }
        return USUAL_COLUMNS;
    }
}
