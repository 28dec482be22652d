package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Prompt;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.FolderNotes;
import dev.darkroom.worker.model.LoadedModel;
import dev.darkroom.worker.model.Side;
import dev.darkroom.worker.model.VaeConfig;
import dev.darkroom.worker.sampling.SamplingOptions;
import dev.darkroom.worker.sampling.Scheduler;
import dev.darkroom.worker.sampling.SchedulerConfig;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.text.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Pictures from latents (Rombach et al. 2022): the prompt steers a denoiser of latents, which a
/// decoder turns into pixels. What tells one family from another is in [Family]; what tells one
/// task from another, in [Samples] and [Inpainting].
///
/// | tensor | shape | range |
/// |---|---|---|
/// | latents | `[n, C, h, w]` | unbounded |
/// | decoded | `[n, 3, H, W]` | about −1 to 1 |
final class LatentDiffusion implements Pipeline {
    private final Blueprint blueprint;
    private final Family family;
    private final VaeConfig vae;

    /// The pipeline of this model, which is of this family.
    LatentDiffusion(Blueprint blueprint, Family family) {
        this.blueprint = blueprint;
        this.family = family;
        this.vae = blueprint.folder().vae().orElseThrow();
    }

    @Override
    public Prepared prepare(Spec asked) {
        ImageSpec job = Requests.image(blueprint, asked);
        FolderNotes.Defaults defaults = blueprint.folder().notes().defaults();
        Terms terms = new Terms(blueprint.folder().notes().limits());
        GuideTerms guides = GuideTerms.of(job, blueprint, family, terms);
        Size size = size(job.size(), defaults.size(), terms);
        Sampling sampling = sampling(job, guides, size, terms);
        Outputs outputs = Requests.outputs(job.outputs(), defaults.outputs(), terms);
        Prompt prompt = prompt(job.prompt(), defaults.prompt(), terms);
        Guides given = guides(job, guides, sampling, size, terms);
        terms.check();
        ImageSpec filled = new ImageSpec(prompt, outputs, sampling, size, given);
        return new Prepared(filled, warnings(filled));
    }

    private Prompt prompt(Prompt asked, Prompt folder, Terms terms) {
        String text = asked.text();
        if (text == null) {
            terms.unsupported("prompt", "", "a text; it may be empty");
            text = "";
        }
        if (!family.takesNegativePrompt()) {
            String negative = asked.negative();
            if (negative != null && !negative.isEmpty()) {
                terms.unsupported(
                        "negativePrompt",
                        negative,
                        "absent: " + blueprint.name() + " is not guided by a negative prompt");
            }
            return new Prompt(text, "");
        }
        return new Prompt(text, Terms.first(asked.negative(), folder.negative(), ""));
    }

    private Sampling sampling(ImageSpec job, GuideTerms guides, Size size, Terms terms) {
        Sampling asked = job.sampling();
        Sampling folder = blueprint.folder().notes().defaults().sampling();
        SamplerTerms sampler =
                SamplerTerms.of(
                        asked,
                        blueprint.folder(),
                        new SamplerTerms.Defaults(
                                SamplerTerms.ofFolder(blueprint.folder().scheduler()),
                                guides.rules().steps(),
                                name -> family.runs(name, guides.task()),
                                new SamplerTerms.Setting(
                                        scheduler(job.guides()), family.options(size))),
                        terms);
        double rescale = Terms.first(asked.guidanceRescale(), folder.guidanceRescale(), 0.0);
        if (!guides.rules().rescales()) {
            terms.zero(
                    "guidanceRescale",
                    rescale,
                    "the reference's pipeline for " + guides.task() + " has none");
        }
        int skipped = Terms.first(asked.clipSkip(), folder.clipSkip(), 0);
        int most = family.mostClipSkip();
        if (skipped > most) {
            terms.unsupported(
                    "clipSkip",
                    skipped,
                    most == 0
                            ? "0: " + blueprint.name() + " gives only its encoders' last layer"
                            : "0 to " + most);
        }
        double guidance =
                terms.within(
                        "guidance",
                        Terms.first(
                                asked.guidance(), folder.guidance(), guides.rules().guidance()));
        return new Sampling(
                sampler.steps(),
                guidance,
                sampler.name(),
                sampler.eta(),
                terms.within("guidanceRescale", rescale),
                terms.within("clipSkip", skipped));
    }

    private Guides guides(
            ImageSpec job, GuideTerms terms, Sampling sampling, Size size, Terms violations) {
        Guides asked = job.guides();
        if (asked.init() == null) {
            return new Guides(null, null, null, asked.control());
        }
        double strength =
                violations.within(
                        "strength",
                        Terms.first(
                                asked.strength(),
                                blueprint.folder().notes().defaults().strength(),
                                terms.rules().strength()));
        int steps = Terms.given(sampling.steps());
        SamplerTerms whole = sampler(sampling, asked, family.options(size));
        SamplerTerms begun =
                sampler(sampling, asked, family.from(family.options(size), steps, strength));
        boolean made =
                !family.needsAStep(terms.task(), !asked.control().isEmpty())
                        && begun.refusal().isEmpty();
        if (begun.options().startStep() >= steps && !made) {
            violations.unsupported(
                    "strength",
                    strength,
                    "at least " + 1.0 / steps + " with " + steps + " steps, so that one is made");
        } else if (whole.refusal().isEmpty()) {
            begun.refusal()
                    .ifPresent(refusal ->
                            violations.unsupported(
                                    "steps",
                                    steps,
                                    refusal.legal() + ", with strength " + strength));
        }
        return new Guides(asked.init(), strength, asked.mask(), asked.control());
    }

    private Size size(Size asked, Size folder, Terms terms) {
        Side width = blueprint.folder().width().orElseThrow();
        Side height = blueprint.folder().height().orElseThrow();
        return new Size(
                side(
                        "width",
                        Terms.first(asked.width(), folder.width(), width.usual()),
                        width,
                        terms),
                side(
                        "height",
                        Terms.first(asked.height(), folder.height(), height.usual()),
                        height,
                        terms));
    }

    /// A picture's side is a whole number of latent cells, and those can be divided as often as the
    /// denoiser does; the reference pads odd sizes inside the denoiser, exported graphs cannot.
    private static int side(String field, int pixels, Side legal, Terms terms) {
        if (!legal.holds(pixels)) {
            terms.unsupported(field, pixels, terms.legal(field, legal.toString()));
            return legal.usual();
        }
        return terms.within(field, pixels);
    }

    private List<String> warnings(ImageSpec job) {
        List<String> warnings = new ArrayList<>();
        warnIfCut("prompt", Terms.given(job.prompt().text()), warnings);
        String negative = Terms.given(job.prompt().negative());
        if (guided(job)) {
            warnIfCut("negativePrompt", negative, warnings);
        } else if (!negative.isEmpty()) {
            warnings.add(
                    "negativePrompt has no effect, since guidance is "
                            + job.sampling().guidance()
                            + ", not above 1");
        }
        if (blueprint.folder().lacksSafetyChecker()) {
            warnings.add(
                    "model_index.json names a safety checker that the model's folder does not have:"
                            + " outputs are not checked");
        }
        return warnings;
    }

    private void warnIfCut(String field, String text, List<String> warnings) {
        Map<String, Integer> windows = family.windows();
        windows.forEach((tokenizer, window) -> {
            Tokens tokens = blueprint.tokenizer(tokenizer).encode(text, window);
            if (tokens.cut() > 0) {
                String encoder = windows.size() == 1 ? "" : " of " + tokenizer;
                warnings.add(
                        field
                                + " is too long for the text encoder"
                                + encoder
                                + ": "
                                + tokens.cut()
                                + " tokens at its end were cut: "
                                + tokens.cutText());
            }
        });
    }

    @Override
    public Media generate(
            Prepared prepared,
            GuidePictures pictures,
            LoadedModel model,
            Evaluator device,
            Listener listener) {
        ImageSpec job = (ImageSpec) prepared.parameters();
        LatentCodec codec =
                new LatentCodec(vae, family.decodingShift(vae, Task.of(job.guides())), device);

        listener.stage(Stage.ENCODE, 1);
        Conditioning conditioning = family.condition(job, new TextEncoders(model, device));
        Samples samples = samples(job);
        Inpainting inpainting = begin(job, samples, pictures, model, codec);

        Denoiser denoiser =
                new Denoiser(
                        new Denoiser.Asked(
                                model.graph(blueprint.folder().denoiser().part()), family.ports()),
                        conditioning,
                        samples,
                        guidance(job),
                        inpainting);
        if (!job.guides().control().isEmpty()) {
            denoiser.control(
                    new ControlNets(
                            job.guides().control(),
                            pictures.control(),
                            model,
                            conditioning,
                            denoiser.sample(),
                            new ControlNets.Span(samples.first(), samples.calls())));
        }

        denoiser.run(device, listener);

        listener.stage(Stage.DECODE, 1);
        return new Guards(model, codec).pictures(samples.latents());
    }

    /// Starts every sample as the job's task wants.
    private @Nullable Inpainting begin(
            ImageSpec job,
            Samples samples,
            GuidePictures pictures,
            LoadedModel model,
            LatentCodec codec) {
        if (pictures.init() == null) {
            samples.startFromNoise();
            return null;
        }
        Graph encoder = model.graph("vae_encoder");
        if (pictures.mask() == null) {
            LatentCodec.Posterior whole = codec.encode(pictures.init(), encoder);
            for (int i = 0; i < samples.count(); i++) {
                FloatTensor clean = samples.packed(whole.sample(samples.generator(i)));
                samples.startFrom(i, clean, samples.noise(i));
            }
            return null;
        }
        boolean told = blueprint.folder().inpaintsOnly();
        Inpainting.Beginning beginning =
                family.inpaintingFrom(Terms.given(job.guides().strength()));
        boolean seen = !told || beginning == Inpainting.Beginning.NOISED;
        FloatTensor without = Inpainting.without(pictures.init(), pictures.mask());
        return new Inpainting(
                samples,
                new Inpainting.Pictured(
                        seen ? codec.encode(pictures.init(), encoder) : null,
                        told ? codec.encode(without, encoder) : null),
                pictures.mask(),
                beginning);
    }

    /// What the sampler starts from, all zero still.
    private Samples samples(ImageSpec job) {
        int steps = Terms.given(job.sampling().steps());
        SamplingOptions options = family.options(job.size());
        if (job.guides().init() != null) {
            options = family.from(options, steps, Terms.given(job.guides().strength()));
        }
        SamplerTerms sampler = sampler(job.sampling(), job.guides(), options);
        Scheduler scheduler = sampler.scheduler();
        return new Samples(
                shape -> scheduler.start(steps, shape, sampler.options()),
                Shape.of(
                        vae.latentChannels(),
                        Terms.given(job.size().height()) / vae.factor(),
                        Terms.given(job.size().width()) / vae.factor()),
                family.ports().layout(),
                Terms.given(job.outputs().seed()),
                Terms.given(job.outputs().count()));
    }

    private SamplerTerms sampler(Sampling sampling, Guides guides, SamplingOptions options) {
        return SamplerTerms.ofPrepared(
                sampling, new SamplerTerms.Setting(scheduler(guides), options));
    }

    private SchedulerConfig scheduler(Guides guides) {
        return family.scheduler(
                blueprint.folder().scheduler(), Task.of(guides), !guides.control().isEmpty());
    }

    private @Nullable Guidance guidance(ImageSpec job) {
        return guided(job)
                ? new Guidance(
                        Terms.given(job.sampling().guidance()),
                        Terms.given(job.sampling().guidanceRescale()))
                : null;
    }

    private boolean guided(ImageSpec job) {
        return family.guided(Terms.given(job.sampling().guidance()));
    }
}
