package dev.darkroom.ops.cli;

import dev.darkroom.ops.parity.Check;
import dev.darkroom.ops.parity.Finding;
import dev.darkroom.ops.parity.Parity;
import dev.darkroom.ops.parity.ParityFolder;
import dev.darkroom.ops.parity.ReferenceException;
import dev.darkroom.worker.onnx.DeviceChoice;
import dev.darkroom.worker.onnx.DeviceOptions;
import dev.darkroom.worker.onnx.DeviceUnavailableException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Runs recorded cases on this machine and compares what comes out with what the reference made.
@Command(
        name = "parity",
        description = {
            "Runs the cases of a folder on this machine, without a broker or an object store, and"
                    + " compares them with what the reference library made: models*/<family>/,"
                    + " cases/<family>/<case>.json and .safetensors, inputs/, and"
                    + " schedulers/<case>.safetensors.",
            "A case is within tolerance when the relative error of its latents is at most 1e-3 at"
                    + " every step and at least 99.9 %% of the values of each output are within"
                    + " 1/255; a trajectory, when its relative error is at most 1e-4.",
            "Only if all of them are, it ends in exit status 0. A case that this version refuses is"
                    + " counted apart, as not built; like one that cannot be run, it ends in exit"
                    + " status 1. --only leaves out what is not to be tried."
        })
final class ParityCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(paramLabel = "DIR", description = "The folder.")
    private Path folder = Path.of("");

    @Option(
            names = "--only",
            paramLabel = "GLOB",
            description =
                    "Try what fits: family/case or schedulers/case, for example 'sd*/img2img*';"
                            + " or all of a family, for example sdxl. May be given again.")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--models",
            paramLabel = "DIR",
            description =
                    "Another folder with a folder per model, beside DIR's models*."
                            + " May be given again.")
    private List<Path> models = new ArrayList<>();

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "cpu",
            description =
                    "cpu, auto, cuda or cuda:<index>. Default: ${DEFAULT-VALUE}, which is where the"
                            + " tolerances are meant to hold")
    private String device = "cpu";

    @Option(
            names = "--explain",
            description =
                    "Run a case that is outside its tolerance again, to see why: with its start"
                            + " disturbed a little, and with other schedulers if it names none.")
    private boolean explain;

    @Mixin private final FormOption form = new FormOption();

    ParityCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws InterruptedException {
        session.logNothing();
        ParityFolder found = find();
        List<Check> checks = chosen(found.checks());
        ParityReport report =
                form.json()
                        ? new ParityReport.Json(session.console().out())
                        : new ParityReport.Lines(session.console().out());
        Tally tally = new Tally();
        try (Parity parity = session.closing().add(open(found))) {
            for (Check check : checks) {
                Finding finding = parity.run(check);
                if (explain && finding.verdict() == Finding.Verdict.OUTSIDE) {
                    finding = parity.explain(finding);
                }
                if (session.closing().interrupted()) {
                    return Exit.INTERRUPTED.code();
                }
                tally.add(finding);
                report.one(finding);
            }
        }
        report.total(tally);
        return (tally.allWithin() ? Exit.DONE : Exit.FAILED).code();
    }

    private ParityFolder find() {
        List<Path> folders = new ArrayList<>(models);
        folders.addFirst(folder);
        for (Path path : folders) {
            if (!Files.isDirectory(path)) {
                String name = path.equals(folder) ? "DIR" : "--models";
                throw new CommandException(
                        Exit.USAGE, name + " is " + path + "; legal: a folder that exists");
            }
        }
        try {
            return ParityFolder.read(folder, models);
        } catch (ReferenceException e) {
            throw new CommandException(Exit.USAGE, "DIR is wrong: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new CommandException(
                    Exit.USAGE, "DIR cannot be read: " + folder + ": " + Reason.of(e), e);
        }
    }

    private Parity open(ParityFolder found) {
        try {
            return Parity.open(found, new DeviceOptions(DeviceChoice.parse(device), 0, 0));
        } catch (DeviceUnavailableException e) {
            throw new CommandException(Exit.ENVIRONMENT, "" + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw CommandException.usage(e);
        }
    }

    private List<Check> chosen(List<Check> checks) {
        if (only.isEmpty()) {
            return checks;
        }
        List<Check> chosen = new ArrayList<>();
        List<PathMatcher> globs = only.stream().map(ParityCommand::glob).toList();
        for (Check check : checks) {
            Path name = Path.of(check.name());
            boolean fits =
                    globs.stream()
                            .anyMatch(glob -> glob.matches(name) || glob.matches(name.getName(0)));
            if (fits) {
                chosen.add(check);
            }
        }
        if (chosen.isEmpty()) {
            throw new CommandException(
                    Exit.USAGE,
                    "--only is "
                            + String.join(", ", only)
                            + ", which nothing fits; there are "
                            + String.join(
                                    ", ", checks.stream().map(Check::family).distinct().toList()));
        }
        return chosen;
    }

    private static PathMatcher glob(String text) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + text);
        } catch (PatternSyntaxException e) {
            throw new CommandException(
                    Exit.USAGE, "--only is " + text + "; legal: a glob; " + e.getDescription(), e);
        }
    }
}
