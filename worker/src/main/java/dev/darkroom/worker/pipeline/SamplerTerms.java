package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.worker.model.ModelFolder;
import dev.darkroom.worker.sampling.SamplingOptions;
import dev.darkroom.worker.sampling.Scheduler;
import dev.darkroom.worker.sampling.SchedulerConfig;
import dev.darkroom.worker.sampling.Schedulers;
import dev.darkroom.worker.sampling.UnsupportedSchedulerException;
import dev.darkroom.worker.tensor.Shape;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Which sampler a job gets, and how it runs.
///
/// @param name as a job writes it
/// @param steps at least 1
/// @param eta 0 to 1
/// @param setting what the pipeline says of the run
record SamplerTerms(SchedulerName name, int steps, double eta, Setting setting) {
    private static final Shape SMALLEST = Shape.of(1);

    /// The sampler that `asked` names, or else the folder's, filled and checked.
    ///
    /// @param own what holds when neither the job nor the folder says: the pipeline's default steps
    ///   and the scheduler of its folder
    static SamplerTerms of(Sampling asked, ModelFolder folder, Defaults own, Terms terms) {
        Sampling defaults = folder.notes().defaults().sampling();
        SamplerTerms filled =
                new SamplerTerms(
                        Terms.first(asked.scheduler(), defaults.scheduler(), own.scheduler()),
                        terms.within(
                                "steps", Terms.first(asked.steps(), defaults.steps(), own.steps())),
                        terms.within("eta", Terms.first(asked.eta(), defaults.eta(), 0.0)),
                        own.setting());
        List<String> fitting =
                Schedulers.namesFor(own.setting().config()).stream()
                        .filter(name ->
                                own.runs().test(SchedulerName.ofWireName(name).orElseThrow()))
                        .toList();
        if (!fitting.contains(filled.name.wireName())) {
            terms.unsupported("scheduler", filled.name.wireName(), String.join(", ", fitting));
            return filled;
        }
        filled.refusal()
                .ifPresent(refusal -> {
                    switch (refusal.field()) {
                        case "steps" -> terms.unsupported("steps", filled.steps, refusal.legal());
                        case "eta" -> terms.unsupported("eta", filled.eta, refusal.legal());
                        default ->
                                terms.unsupported(
                                        "scheduler", filled.name.wireName(), refusal.legal());
                    }
                });
        return filled;
    }

    /// Why such a run cannot begin; nothing when it can.
    Optional<UnsupportedSchedulerException> refusal() {
        try {
            scheduler().start(steps, SMALLEST, options());
            return Optional.empty();
        } catch (UnsupportedSchedulerException e) {
            return Optional.of(e);
        }
    }

    /// The sampler of a prepared job.
    static SamplerTerms ofPrepared(Sampling sampling, Setting setting) {
        return new SamplerTerms(
                Terms.given(sampling.scheduler()),
                Terms.given(sampling.steps()),
                Terms.given(sampling.eta()),
                setting);
    }

    /// What a pipeline does where neither job nor folder says.
    ///
    /// @param scheduler the sampler of the folder
    /// @param steps of the sampler
    /// @param runs which samplers the pipeline can be driven by
    /// @param setting what the pipeline says of the run
    record Defaults(
            SchedulerName scheduler, int steps, Predicate<SchedulerName> runs, Setting setting) {}

    /// What a pipeline says of a sampler's run.
    ///
    /// @param config the folder's, as the pipeline corrects it
    /// @param options of the run, its eta aside
    record Setting(SchedulerConfig config, SamplingOptions options) {}

    /// The sampler that a folder brings.
    static SchedulerName ofFolder(SchedulerConfig config) {
        return SchedulerName.ofWireName(Schedulers.nameOf(config)).orElseThrow();
    }

    /// The sampler, built from the folder's configuration.
    Scheduler scheduler() {
        return Schedulers.named(name.wireName(), setting.config());
    }

    /// The options of a run.
    SamplingOptions options() {
        return setting.options().withEta(eta);
    }
}
