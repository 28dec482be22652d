package dev.darkroom.ops.cli;

import java.nio.file.Path;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// What all commands of one command line share: the console and where logs go. For one thread.
final class Session {
    private static final String LOGBACK = "logback.configurationFile";
    private static final String HERE = "dev/darkroom/ops/cli/";

    private final Console console;
    private final Closing closing;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show logs, and the stack trace of what went wrong.")
    private boolean debug;

    Session(Console console, Closing closing) {
        this.console = console;
        this.closing = closing;
    }

    /// Where the command writes.
    Console console() {
        return console;
    }

    /// What is closed when the command ends, however it does.
    Closing closing() {
        return closing;
    }

    /// Whether the user asked for logs and stack traces.
    boolean debug() {
        return debug;
    }

    /// Lets libraries log nothing, unless the user asked for it: what matters to the user comes as
    /// an exception. Has an effect before the first line is logged only.
    void logNothing() {
        logBy(debug ? "log-to-console.xml" : "log-nothing.xml");
    }

    /// Lets libraries log to a file, or to the console if the user asked for it. Has an effect
    /// before the first line is logged only.
    void logTo(Path file) {
        System.setProperty("darkroom.log", file.toString());
        logBy(debug ? "log-to-console.xml" : "log-to-file.xml");
    }

    private static void logBy(String configuration) {
        if (System.getProperty(LOGBACK) == null) {
            System.setProperty(LOGBACK, HERE + configuration);
        }
        // Two threads that log their first line at once would be told so on the console.
        LoggerFactory.getILoggerFactory();
    }
}
