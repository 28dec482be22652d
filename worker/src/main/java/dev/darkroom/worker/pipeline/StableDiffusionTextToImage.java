package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.event.Stage;
import dev.darkroom.protocol.job.Guides;
import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.Outputs;
import dev.darkroom.protocol.job.Prompt;
import dev.darkroom.protocol.job.Sampling;
import dev.darkroom.protocol.job.Seed;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.protocol.job.Spec;
import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.media.Media;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.FolderNotes;
import dev.darkroom.worker.model.LoadedModel;
import dev.darkroom.worker.model.UnetConfig;
import dev.darkroom.worker.model.VaeConfig;
import dev.darkroom.worker.sampling.Scheduler;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import dev.darkroom.worker.text.Tokenizer;
import dev.darkroom.worker.text.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Pictures from text with Stable Diffusion 1 and 2 (Rombach et al. 2022): the prompt steers a
/// denoiser of latents, which a decoder turns into pixels.
///
/// Source: `pipelines/stable_diffusion/pipeline_stable_diffusion.py` of the reference.
///
/// | tensor | shape | range |
/// |---|---|---|
/// | token ids | `[1 or 2, T]` | the vocabulary |
/// | conditioning | `[B, T, D]` | unbounded |
/// | latents | `[n, C, h, w]` | unbounded |
/// | decoded | `[n, 3, H, W]` | about −1 to 1 |
///
/// `B` is `n`, or with guidance `2n`: the negative rows of all outputs, then the positive ones.
final class StableDiffusionTextToImage implements Pipeline {
    /// The reference's defaults, of the pipeline's `__call__`.
    private static final int STEPS = 50;

    private static final double GUIDANCE = 7.5;

    private final Blueprint blueprint;
    private final UnetConfig unet;
    private final VaeConfig vae;

    /// The pipeline of this model.
    StableDiffusionTextToImage(Blueprint blueprint) {
        this.blueprint = blueprint;
        this.unet = blueprint.folder().unet();
        this.vae = blueprint.folder().vae().orElseThrow();
    }

    @Override
    public Prepared prepare(Spec asked) {
        ImageSpec job = Requests.image(blueprint, asked);
        FolderNotes.Defaults defaults = blueprint.folder().notes().defaults();
        Terms terms = new Terms(blueprint.folder().notes().limits());
        Requests.textAlone(job.guides(), terms);
        Sampling sampling = sampling(job.sampling(), defaults.sampling(), terms);
        Outputs outputs = Requests.outputs(job.outputs(), defaults.outputs(), terms);
        Size size = size(job.size(), defaults.size(), terms);
        String text = job.prompt().text();
        if (text == null) {
            terms.unsupported("prompt", "", "a text; it may be empty");
            text = "";
        }
        terms.check();
        String negative = Terms.first(job.prompt().negative(), defaults.prompt().negative(), "");
        ImageSpec filled =
                new ImageSpec(new Prompt(text, negative), outputs, sampling, size, Guides.NONE);
        return new Prepared(filled, warnings(filled));
    }

    private Sampling sampling(Sampling asked, Sampling folder, Terms terms) {
        SamplerTerms sampler =
                SamplerTerms.of(
                        asked,
                        blueprint.folder(),
                        new SamplerTerms.Defaults(
                                SamplerTerms.ofFolder(blueprint.folder().scheduler()), STEPS),
                        terms);
        double rescale = Terms.first(asked.guidanceRescale(), folder.guidanceRescale(), 0.0);
        terms.zero("guidanceRescale", rescale, "rescaled guidance is not built yet");
        int skipped = Terms.first(asked.clipSkip(), folder.clipSkip(), 0);
        terms.zero("clipSkip", skipped, "leaving out layers of the text encoder is not built yet");
        double guidance =
                terms.within(
                        "guidance", Terms.first(asked.guidance(), folder.guidance(), GUIDANCE));
        return new Sampling(
                sampler.steps(), guidance, sampler.name(), sampler.eta(), rescale, skipped);
    }

    private Size size(Size asked, Size folder, Terms terms) {
        return new Size(
                side(
                        "width",
                        Terms.first(asked.width(), folder.width(), unet.width() * vae.factor()),
                        terms),
                side(
                        "height",
                        Terms.first(asked.height(), folder.height(), unet.height() * vae.factor()),
                        terms));
    }

    /// A picture's side is a whole number of latent cells, and those can be halved as often as the
    /// denoiser does; the reference pads odd sizes inside the denoiser, exported graphs cannot.
    private int side(String field, int pixels, Terms terms) {
        int multiple = vae.factor() << unet.halvings();
        if (pixels < multiple || pixels % multiple != 0) {
            terms.unsupported(field, pixels, terms.legal(field, "a multiple of " + multiple));
            return pixels;
        }
        return terms.within(field, pixels);
    }

    private List<String> warnings(ImageSpec job) {
        List<String> warnings = new ArrayList<>();
        Tokenizer tokenizer = blueprint.tokenizer("tokenizer");
        warnIfCut("prompt", tokenizer.encode(given(job.prompt().text())), warnings);
        String negative = given(job.prompt().negative());
        if (guided(job)) {
            warnIfCut("negativePrompt", tokenizer.encode(negative), warnings);
        } else if (!negative.isEmpty()) {
            warnings.add(
                    "negativePrompt has no effect, since guidance is "
                            + job.sampling().guidance()
                            + ", not above 1");
        }
        if (blueprint.folder().hasSafetyChecker()) {
            warnings.add("the model's safety checker is not run: that is not built yet");
        }
        return warnings;
    }

    private static void warnIfCut(String field, Tokens tokens, List<String> warnings) {
        if (tokens.cut() > 0) {
            warnings.add(
                    field
                            + " is too long for the text encoder: "
                            + tokens.cut()
                            + " tokens at its end were cut: "
                            + tokens.cutText());
        }
    }

    @Override
    public Media generate(
            Prepared prepared, LoadedModel model, Evaluator device, Listener listener) {
        ImageSpec job = (ImageSpec) prepared.parameters();
        int count = given(job.outputs().count());

        listener.stage(Stage.ENCODE, 1);
        FloatTensor encoded = encode(job, model.graph("text_encoder"), device);

        Samples latents = noise(job);
        Denoiser denoiser =
                new Denoiser(model.graph("unet"), conditioning(encoded, count), latents, job);
        listener.stage(Stage.DENOISE, latents.calls());
        for (int call = 0; call < latents.calls(); call++) {
            denoiser.evaluate(call, device);
            denoiser.step(call);
            listener.step(call + 1, latents.all());
        }

        listener.stage(Stage.DECODE, 1);
        return decode(latents.all(), model.graph("vae_decoder"), device);
    }

    /// What the text encoder makes of the prompts, `[1 or 2, T, D]`: the negative one first, where
    /// there is guidance.
    private FloatTensor encode(ImageSpec job, Graph encoder, Evaluator device) {
        Tokenizer tokenizer = blueprint.tokenizer("tokenizer");
        List<Tokens> texts = new ArrayList<>();
        if (guided(job)) {
            texts.add(tokenizer.encode(given(job.prompt().negative())));
        }
        texts.add(tokenizer.encode(given(job.prompt().text())));
        int length = texts.getFirst().ids().size();
        LongTensor ids = LongTensor.allocate(Shape.of(texts.size(), length));
        for (int row = 0; row < texts.size(); row++) {
            ids.rows(row, row + 1).copyFrom(texts.get(row).toTensor());
        }
        Evaluation evaluation =
                new Evaluation(encoder, texts.size(), Map.of("input_ids", ids), Map.of());
        device.evaluate(evaluation);
        return evaluation.output("last_hidden_state");
    }

    /// Every encoded text `count` times in turn, `[B, T, D]`.
    private static FloatTensor conditioning(FloatTensor encoded, int count) {
        int texts = encoded.shape().size(0);
        FloatTensor rows = FloatTensor.allocate(encoded.shape().row().batchOf(texts * count));
        for (int row = 0; row < texts * count; row++) {
            int text = row / count;
            rows.rows(row, row + 1).copyFrom(encoded.rows(text, text + 1));
        }
        return rows;
    }

    /// What the sampler starts from.
    Samples noise(ImageSpec job) {
        SamplerTerms sampler =
                new SamplerTerms(
                        given(job.sampling().scheduler()),
                        given(job.sampling().steps()),
                        given(job.sampling().eta()));
        Scheduler scheduler = sampler.scheduler(blueprint.folder());
        Shape sample =
                Shape.of(
                        unet.inChannels(),
                        given(job.size().height()) / vae.factor(),
                        given(job.size().width()) / vae.factor());
        Seed seed = given(job.outputs().seed());
        return Samples.noise(
                shape -> scheduler.start(sampler.steps(), shape, sampler.options()),
                sample,
                seed,
                given(job.outputs().count()));
    }

    /// The denoiser's evaluation and all memory around it, used again at every call.
    private final class Denoiser {
        private final Samples latents;
        private final boolean guided;
        private final double guidance;
        private final FloatTensor input;
        private final List<FloatTensor> inputRows;
        private final Tensor timesteps;
        private final Evaluation evaluation;
        private final FloatTensor prediction;

        /// Rows of the graph's output: known after its first run.
        private List<FloatTensor> outputRows = List.of();

        Denoiser(Graph graph, FloatTensor conditioning, Samples latents, ImageSpec job) {
            Shape sample = latents.all().shape().row();
            int rows = conditioning.shape().size(0);
            this.latents = latents;
            this.guided = guided(job);
            this.guidance = given(job.sampling().guidance());
            this.input = FloatTensor.allocate(sample.batchOf(rows));
            this.inputRows = Samples.rows(input, 0, rows);
            this.timesteps = Timesteps.allocate(graph, rows);
            this.evaluation =
                    new Evaluation(
                            graph,
                            rows,
                            Map.of(
                                    "sample", input,
                                    "timestep", timesteps,
                                    "encoder_hidden_states", conditioning),
                            Map.of());
            this.prediction =
                    FloatTensor.allocate(
                            Shape.of(unet.outChannels(), sample.size(1), sample.size(2)));
        }

        /// Predicts for all outputs, with and without the prompt, at once.
        void evaluate(int call, Evaluator device) {
            int count = latents.count();
            for (int row = 0; row < inputRows.size(); row++) {
                latents.modelInput(call, row % count, inputRows.get(row));
            }
            Timesteps.fill(timesteps, latents.timestep(call));
            device.evaluate(evaluation);
            if (outputRows.isEmpty()) {
                outputRows = Samples.rows(evaluation.output("out_sample"), 0, inputRows.size());
            }
        }

        /// Moves every output on.
        void step(int call) {
            int count = latents.count();
            for (int i = 0; i < count; i++) {
                if (guided) {
                    Guidance.mix(
                            outputRows.get(i), outputRows.get(count + i), guidance, prediction);
                    latents.step(call, i, prediction);
                } else {
                    latents.step(call, i, outputRows.get(i));
                }
            }
        }
    }

    private Media decode(FloatTensor latents, Graph decoder, Evaluator device) {
        FloatTensor scaled = FloatTensor.allocate(latents.shape());
        float scaling = (float) vae.scalingFactor();
        float shift = (float) vae.shiftFactor();
        for (int k = 0; k < latents.shape().elements(); k++) {
            scaled.set(k, latents.get(k) / scaling + shift);
        }
        Evaluation evaluation =
                new Evaluation(
                        decoder,
                        latents.shape().size(0),
                        Map.of("latent_sample", scaled),
                        Map.of());
        device.evaluate(evaluation);
        return Pictures.of(evaluation.output("sample"));
    }

    private static boolean guided(ImageSpec job) {
        return Guidance.applies(given(job.sampling().guidance()));
    }

    /// A field of a prepared job.
    private static <T> T given(@org.jspecify.annotations.Nullable T field) {
        return Objects.requireNonNull(field, "not a prepared job");
    }
}
