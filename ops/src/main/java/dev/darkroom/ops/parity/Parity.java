package dev.darkroom.ops.parity;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.darkroom.protocol.failure.FailureCode;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.worker.model.PipelineClass;
import dev.darkroom.worker.onnx.DeviceOptions;
import dev.darkroom.worker.sampling.UnsupportedSchedulerException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Tries the checks of a folder on a device of this process, without a broker or an object store.
///
/// For one thread; [#close] may come from another, and what is under way then fails.
public final class Parity implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ParityFolder folder;
    private final Bench bench;

    private Parity(ParityFolder folder, Bench bench) {
        this.folder = folder;
        this.bench = bench;
    }

    /// A device for the checks of this folder.
    ///
    /// @throws dev.darkroom.worker.onnx.DeviceUnavailableException when there is none such
    public static Parity open(ParityFolder folder, DeviceOptions device) {
        return new Parity(folder, Bench.open(device));
    }

    /// Tries one check. Checks of one model in a row load it once.
    public Finding run(Check check) throws InterruptedException {
        long begun = System.nanoTime();
        try {
            return switch (check) {
                case Check.OfPipeline pipeline -> made(pipeline);
                case Check.OfScheduler scheduler ->
                        new Finding(
                                check,
                                Trajectory.follow(scheduler.file()),
                                since(begun),
                                List.of());
                case Check.WithoutModel nowhere ->
                        ended(check, new Outcome.Failed(noModel(nowhere)));
            };
        } catch (FailureException e) {
            return ended(check, refusal(check, e));
        } catch (UnsupportedSchedulerException e) {
            return ended(check, new Outcome.NotBuilt("" + e.getMessage()));
        } catch (NoSuchFileException e) {
            return ended(check, new Outcome.Failed(e.getFile() + " is missing"));
        } catch (ReferenceException | IllegalArgumentException | IOException e) {
            return ended(check, new Outcome.Failed("" + e.getMessage()));
        } catch (RuntimeException e) {
            // The next case may fare better.
            return ended(check, new Outcome.Failed("unexpected: " + e));
        }
    }

    /// The finding of a check that came to no comparison.
    private static Finding ended(Check check, Outcome outcome) {
        return new Finding(check, outcome, Duration.ZERO, List.of());
    }

    private Finding made(Check.OfPipeline check) throws IOException, InterruptedException {
        PipelineTrial trial = new PipelineTrial(bench, folder, check);
        PipelineTrial.Run run = trial.run(trial.asked(), UnaryOperator.identity());
        Outcome.Compared outcome = trial.compare(run);
        List<String> hints = outcome.within() ? List.of() : new Explanation(trial).ofRun(run);
        return new Finding(check, outcome, run.time(), hints);
    }

    /// A finding with what more runs of its case tell of why it is outside its tolerance; one of a
    /// trajectory as it is.
    public Finding explain(Finding finding) throws InterruptedException {
        if (!(finding.check() instanceof Check.OfPipeline check)) {
            return finding;
        }
        List<String> hints = new ArrayList<>(finding.hints());
        try {
            PipelineTrial trial = new PipelineTrial(bench, folder, check);
            hints.addAll(new Explanation(trial).byExperiment());
        } catch (RuntimeException | IOException e) {
            hints.add("it could not be run again: " + e.getMessage());
        }
        return new Finding(check, finding.outcome(), finding.time(), hints);
    }

    private Outcome refusal(Check check, FailureException refused) {
        String words = refused.failure().message();
        boolean notBuilt =
                refused.failure().code() == FailureCode.UNSUPPORTED_PARAMETER
                        || (check instanceof Check.OfPipeline pipeline
                                && isOfUnknownClass(pipeline));
        return notBuilt ? new Outcome.NotBuilt(words) : new Outcome.Failed(words);
    }

    /// Whether the model's folder is for a pipeline that this version does not have.
    private static boolean isOfUnknownClass(Check.OfPipeline check) {
        Path index = check.models().path().resolve(check.family()).resolve("model_index.json");
        try {
            String name = JSON.readTree(index.toFile()).path("_class_name").asText();
            return !name.isEmpty() && PipelineClass.ofWireName(name).isEmpty();
        } catch (IOException _) {
            // Its folder is broken, which is what the refusal says.
            return false;
        }
    }

    private static String noModel(Check.WithoutModel check) {
        return check.looked().isEmpty()
                ? "there is no folder of models: models*/" + check.family()
                : "no folder has a model " + check.family() + ": looked in " + check.looked();
    }

    @Override
    public void close() {
        bench.close();
    }

    private static Duration since(long begun) {
        return Duration.ofNanos(System.nanoTime() - begun);
    }
}
