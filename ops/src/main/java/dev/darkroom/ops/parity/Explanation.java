package dev.darkroom.ops.parity;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.darkroom.protocol.codec.JobCodec;
import dev.darkroom.protocol.failure.FailureException;
import dev.darkroom.protocol.job.AudioSpec;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.protocol.job.VideoSpec;
import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.sampling.SchedulerRun;
import dev.darkroom.worker.sampling.Schedulers;
import dev.darkroom.worker.sampling.UnsupportedSchedulerException;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/// What may help to see why a case is outside its tolerance.
///
/// @param trial the case
record Explanation(PipelineTrial trial) {
    /// A few units in the last place of single precision: as much as another order of sums changes.
    private static final float DISTURBANCE = 1e-6f;

    /// What can be told without another run.
    List<String> ofRun(PipelineTrial.Run run) {
        List<String> hints = new ArrayList<>();
        Sampling filled = sampling(run.prepared().parameters());
        SchedulerName used = filled.scheduler();
        Integer steps = filled.steps();
        if (used == null || steps == null) {
            return hints;
        }
        if (sampling(trial.asked()).scheduler() == null) {
            hints.add("the case names no scheduler: this is the folder's, " + used.wireName());
        }
        if (run.recording().wholeTimesteps() && asksForFractions(used, steps)) {
            hints.add(
                    "the model takes whole timesteps only, and "
                            + used.wireName()
                            + " has others: an export with timesteps of type float keeps them");
        }
        return hints;
    }

    private boolean asksForFractions(SchedulerName name, int steps) {
        try {
            SchedulerRun run =
                    Schedulers.named(name.wireName(), trial.blueprint().folder().scheduler())
                            .start(steps, Shape.of(1));
            return IntStream.range(0, run.calls())
                    .anyMatch(call -> run.timestep(call) != Math.rint(run.timestep(call)));
        } catch (UnsupportedSchedulerException _) {
            // It needs to know more than a name: nothing can be told.
            return false;
        }
    }

    /// What can be told after more runs: whether the case is one that no tolerance can hold, and
    /// whether another scheduler makes it.
    List<String> byExperiment() throws IOException, InterruptedException {
        List<String> hints = new ArrayList<>();
        PipelineTrial.Run plain = trial.run(trial.asked(), UnaryOperator.identity());
        PipelineTrial.Run disturbed = trial.run(trial.asked(), Disturbed::new);
        double share = share(plain.products(), disturbed.products());
        if (share < Deviation.SHARE) {
            hints.add(
                    String.format(
                            Locale.ROOT,
                            "no tolerance can hold this case: with the first prediction %.0e larger, only"
                                    + " %.2f %% of the output's values stay as they are",
                            DISTURBANCE,
                            100 * share));
        }
        if (sampling(trial.asked()).scheduler() == null) {
            List<String> fitting = new ArrayList<>();
            for (String name : Schedulers.namesFor(trial.blueprint().folder().scheduler())) {
                if (makesIt(name)) {
                    fitting.add(name);
                }
            }
            hints.add(
                    fitting.isEmpty()
                            ? "with no other scheduler is it within its tolerance"
                            : "it is within its tolerance with the scheduler "
                                    + String.join(", ", fitting)
                                    + ": was the reference made with that?");
        }
        return hints;
    }

    private boolean makesIt(String scheduler) throws IOException, InterruptedException {
        try {
            PipelineTrial.Run run =
                    trial.run(with(trial.asked(), scheduler), UnaryOperator.identity());
            return trial.compare(run).within();
        } catch (FailureException _) {
            // It refuses the job's steps or eta: it is not this one.
            return false;
        }
    }

    private static Spec with(Spec spec, String scheduler) {
        ObjectNode fields = JobCodec.encodeSpec(spec).deepCopy();
        return JobCodec.decodeSpec(fields.put("scheduler", scheduler));
    }

    private static Sampling sampling(Spec spec) {
        return switch (spec) {
            case ImageSpec image -> image.sampling();
            case AudioSpec audio -> audio.sampling();
            case VideoSpec video -> video.sampling();
        };
    }

    /// The share of values that two runs have in common, of the output with the smallest one.
    private static double share(Products one, Products other) {
        double least = 1;
        for (int i = 0; i < other.outputs().size(); i++) {
            least =
                    Math.min(
                            least,
                            share(one.outputs().get(i), other.outputs().get(i), one.level()));
        }
        return least;
    }

    private static double share(Products.Product one, Products.Product other, double level) {
        if (one instanceof Products.Whole(FloatTensor values)
                && other instanceof Products.Whole(FloatTensor like)) {
            return Deviation.share(values, like, level);
        }
        return one.equals(other) ? 1 : 0;
    }

    /// A device that is a little off, once: the first prediction of the denoiser is too large.
    private static final class Disturbed implements Evaluator {
        private final Evaluator device;
        private boolean done;

        Disturbed(Evaluator device) {
            this.device = device;
        }

        @Override
        public void evaluate(Evaluation evaluation) {
            device.evaluate(evaluation);
            if (done || !Recording.isOfDenoiser(evaluation)) {
                return;
            }
            done = true;
            for (FloatTensor output : evaluation.outputs().values()) {
                for (int i = 0; i < output.shape().elements(); i++) {
                    output.set(i, output.get(i) * (1 + DISTURBANCE));
                }
            }
        }
    }
}
