package dev.darkroom.ops.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command `darkroom`: reads the command line, runs the command that it names, and says in one
/// line what went wrong.
@Command(
        name = "darkroom",
        description =
                "A message-driven worker for generative media: jobs on Kafka, pictures on S3.",
        mixinStandardHelpOptions = true,
        versionProvider = Darkroom.Version.class,
        scope = ScopeType.INHERIT,
        synopsisSubcommandLabel = "COMMAND",
        usageHelpAutoWidth = true,
        sortOptions = false,
        exitCodeListHeading = "%nExit status:%n",
        exitCodeList = {
            "0:everything that was asked for is done",
            "1:a job failed or was cancelled, or something is not as it should be",
            "2:the command line, or a file that it names, is wrong",
            "3:something that the command needs is missing or does not answer",
            "130:ended by Ctrl-C",
            "143:ended by SIGTERM"
        })
public final class Darkroom {
    private Darkroom() {}

    /// Runs the command line and ends the process with its exit status.
    public static void main(String[] arguments) {
        System.exit(run(Console.ofProcess(), arguments));
    }

    /// Runs a command line and returns the exit status.
    static int run(Console console, String... arguments) {
        try (Closing closing = Closing.atExit(console::leaveLine)) {
            CommandLine line = commandLine(new Session(console, closing));
            if (arguments.length == 0) {
                line.usage(console.err());
                return Exit.USAGE.code();
            }
            return line.execute(arguments);
        }
    }

    private static CommandLine commandLine(Session session) {
        Console console = session.console();
        CommandLine line = new CommandLine(new Darkroom()).addMixin("session", session);
        line.addSubcommand(new DemoCommand(session))
                .addSubcommand(new LocalCommand(session))
                .addSubcommand(new WorkerCommand(session))
                .addSubcommand(new SubmitCommand(session))
                .addSubcommand(new FollowCommand(session))
                .addSubcommand(new CancelCommand(session))
                .addSubcommand(new ReproduceCommand(session))
                .addSubcommand(new ModelsCommand(session))
                .addSubcommand(new ParityCommand(session))
                .addSubcommand(
                        new CommandLine(new TopicsCommand())
                                .addSubcommand(new TopicsCreateCommand(session)));
        return OptionValues.read(line)
                .setOut(writer(console.out()))
                .setErr(writer(console.err()))
                .setParameterExceptionHandler((wrong, _) -> refuse(console, wrong))
                .setExecutionExceptionHandler((failure, command, _) ->
                        new Complaint(session, command.getCommandSpec().qualifiedName())
                                .about(failure));
    }

    private static PrintWriter writer(PrintStream stream) {
        return new PrintWriter(stream, true, stream.charset());
    }

    private static int refuse(Console console, ParameterException wrong) {
        String command = wrong.getCommandLine().getCommandSpec().qualifiedName();
        console.err().println(command + ": " + words(wrong));
        console.err().println("See: " + command + " --help");
        return Exit.USAGE.code();
    }

    private static String words(ParameterException wrong) {
        if (!(wrong instanceof UnmatchedArgumentException unknown)
                || unknown.getUnmatched().isEmpty()) {
            return String.valueOf(wrong.getMessage())
                    .lines()
                    .findFirst()
                    .orElse("")
                    .replaceFirst("^Error: ", "")
                    .replace("option option", "option");
        }
        String first = unknown.getUnmatched().getFirst();
        CommandSpec command = unknown.getCommandLine().getCommandSpec();
        boolean commandIsMissing = !command.subcommands().isEmpty();
        String kind = first.startsWith("-") ? "option" : commandIsMissing ? "command" : "argument";
        List<String> near = kind.equals("argument") ? List.of() : unknown.getSuggestions();
        return "unknown "
                + kind
                + " '"
                + first
                + "'"
                + (near.isEmpty() ? "" : "; did you mean " + near.getFirst() + "?");
    }

    /// The version of the jar that this class lies in.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Darkroom.class.getPackage().getImplementationVersion();
            return new String[] {"darkroom " + (version == null ? "(not packaged)" : version)};
        }
    }
}
