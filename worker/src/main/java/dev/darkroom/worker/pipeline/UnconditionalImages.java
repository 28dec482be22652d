package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Prompt;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.media.Degeneracy;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.DenoiserConfig;
import dev.darkroom.worker.model.FolderNotes;
import dev.darkroom.worker.model.LoadedModel;
import dev.darkroom.worker.model.PipelineClass;
import dev.darkroom.worker.sampling.SamplingOptions;
import dev.darkroom.worker.sampling.Scheduler;
import dev.darkroom.worker.tensor.Shape;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Pictures of the one kind that a model knows, from noise alone: Ho et al. 2020 (DDPM) and Song et
/// al. 2020 (DDIM), in pixels.
///
/// Source: `pipelines/ddpm/pipeline_ddpm.py` and `pipelines/ddim/pipeline_ddim.py` of the
/// reference.
///
/// | tensor | shape | range |
/// |---|---|---|
/// | samples | `[n, C, H, W]` | −1 to 1 at the end |
final class UnconditionalImages implements Pipeline {
    /// The defaults of the two pipelines' `__call__`.
    private static final int DDPM_STEPS = 1000;

    private static final int DDIM_STEPS = 50;

    private final Blueprint blueprint;
    private final DenoiserConfig unet;

    /// The pipeline of this model.
    UnconditionalImages(Blueprint blueprint) {
        this.blueprint = blueprint;
        this.unet = blueprint.folder().denoiser();
    }

    @Override
    public Prepared prepare(Spec asked) {
        ImageSpec job = Requests.image(blueprint, asked);
        FolderNotes.Defaults defaults = blueprint.folder().notes().defaults();
        Terms terms = new Terms(blueprint.folder().notes().limits());
        Requests.noPictures(job.guides(), blueprint, terms);
        String why = blueprint.name() + " takes no text";
        terms.absent("prompt", job.prompt().text(), why);
        terms.absent("negativePrompt", job.prompt().negative(), why);
        terms.absent("guidance", job.sampling().guidance(), why);
        terms.zero("guidanceRescale", job.sampling().guidanceRescale(), why);
        terms.zero("clipSkip", job.sampling().clipSkip(), why);
        SamplerTerms sampler = SamplerTerms.of(job.sampling(), blueprint.folder(), own(), terms);
        Outputs outputs = Requests.outputs(job.outputs(), defaults.outputs(), terms);
        Size size =
                new Size(
                        side("width", job.size().width(), unet.width(), terms),
                        side("height", job.size().height(), unet.height(), terms));
        terms.check();
        Sampling sampling =
                new Sampling(sampler.steps(), null, sampler.name(), sampler.eta(), null, null);
        return new Prepared(
                new ImageSpec(Prompt.NONE, outputs, sampling, size, Guides.NONE), List.of());
    }

    /// The reference's DDIM pipeline builds that scheduler whatever the folder brings.
    private SamplerTerms.Defaults own() {
        return blueprint.folder().pipeline() == PipelineClass.DDIM
                ? new SamplerTerms.Defaults(
                        SchedulerName.DDIM, DDIM_STEPS, sampler -> true, setting())
                : new SamplerTerms.Defaults(
                        SamplerTerms.ofFolder(blueprint.folder().scheduler()),
                        DDPM_STEPS,
                        sampler -> true,
                        setting());
    }

    private SamplerTerms.Setting setting() {
        return new SamplerTerms.Setting(blueprint.folder().scheduler(), SamplingOptions.DEFAULTS);
    }

    private static int side(String field, @Nullable Integer asked, int own, Terms terms) {
        if (asked != null && asked != own) {
            terms.unsupported(field, asked, own + ", the one size of the model");
        }
        return own;
    }

    @Override
    public Media generate(
            Prepared prepared,
            GuidePictures pictures,
            LoadedModel model,
            Evaluator device,
            Listener listener) {
        ImageSpec job = (ImageSpec) prepared.parameters();
        Samples samples = noise(job);
        Denoiser denoiser =
                new Denoiser(
                        new Denoiser.Asked(
                                model.graph(blueprint.folder().denoiser().part()),
                                Family.Ports.UNET),
                        new Conditioning(samples.count(), Map.of(), Map.of()),
                        samples,
                        null,
                        null);
        denoiser.run(device, listener);
        return new Media.Images(
                Pictures.of(samples.all()).stream().map(Degeneracy::judge).toList());
    }

    private Samples noise(ImageSpec job) {
        SamplerTerms sampler = SamplerTerms.ofPrepared(job.sampling(), setting());
        Scheduler scheduler = sampler.scheduler();
        Samples samples =
                new Samples(
                        shape -> scheduler.start(sampler.steps(), shape, sampler.options()),
                        Shape.of(unet.inChannels(), unet.height(), unet.width()),
                        Layout.PLAIN,
                        Terms.given(job.outputs().seed()),
                        Terms.given(job.outputs().count()));
        samples.startFromNoise();
        return samples;
    }
}
