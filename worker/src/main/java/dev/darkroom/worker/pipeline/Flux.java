package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.ImageSpec;
import dev.darkroom.protocol.job.SchedulerName;
import dev.darkroom.protocol.job.Size;
import dev.darkroom.worker.model.Blueprint;
import dev.darkroom.worker.model.ModelFolder;
import dev.darkroom.worker.sampling.DynamicShift;
import dev.darkroom.worker.sampling.SamplingOptions;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// FLUX.1 (Black Forest Labs 2024): T5's tokens and CLIP's summary steer a transformer over packed
/// latents, which is told the guidance scale, or was distilled without.
///
/// Source: `pipelines/flux` of the reference.
///
/// | tensor | shape |
/// |---|---|
/// | encoder_hidden_states | `[n, T, D]` |
/// | pooled_projections | `[n, D]` |
/// | guidance | `[n]` |
/// | txt_ids, img_ids | `[T, 3]` of zeros, `[cells, 3]`: 0, row, column |
final class Flux implements Family {
    private static final int SEQUENCE = 512;
    private static final double GREATEST_SHIFT = 1.15;
    private static final int AXES = 3;
    private static final int THOUSAND = 1000;

    private final Blueprint blueprint;
    private final ModelFolder folder;

    /// Of this model.
    Flux(Blueprint blueprint) {
        this.blueprint = blueprint;
        this.folder = blueprint.folder();
    }

    @Override
    public Optional<Rules> rules(Task task, boolean controlled) {
        if (controlled) {
            return Optional.empty();
        }
        return Optional.of(
                task == Task.TEXT_TO_IMAGE ? Rules.of(28, 3.5, 1) : Rules.of(28, 7, 0.6));
    }

    @Override
    public Ports ports() {
        return new Ports("hidden_states", "out_hidden_states", Layout.PACKED, THOUSAND);
    }

    @Override
    public boolean takesNegativePrompt() {
        return false;
    }

    @Override
    public int mostClipSkip() {
        return 0;
    }

    @Override
    public Map<String, Integer> windows() {
        Map<String, Integer> windows = new LinkedHashMap<>();
        windows.put("tokenizer", blueprint.tokenizer("tokenizer").maxLength());
        windows.put("tokenizer_2", sequence());
        return windows;
    }

    private int sequence() {
        return Terms.first(folder.notes().defaults().maxSequenceLength(), null, SEQUENCE);
    }

    @Override
    public SamplingOptions options(Size size) {
        return SamplingOptions.DEFAULTS
                .withMu(
                        DynamicShift.mu(
                                folder.scheduler(),
                                CellGrid.of(folder, size).cells(),
                                GREATEST_SHIFT))
                .withFlowLevels(SamplingOptions.FlowLevels.EVEN_UNLESS_SOLVER);
    }

    @Override
    public SamplingOptions from(SamplingOptions options, int steps, double strength) {
        return options.withFlowLevels(SamplingOptions.FlowLevels.EVEN)
                .withStartStep(SamplingOptions.flowStartStepOf(steps, strength));
    }

    /// The reference tells its sampler the noise levels, which flow-heun does not take; its solvers
    /// take the shift that it also tells only where the folder asks for one, and cannot noise
    /// pictures.
    @Override
    public boolean runs(SchedulerName sampler, Task task) {
        boolean solves =
                task == Task.TEXT_TO_IMAGE
                        && sampler != SchedulerName.FLOW_HEUN
                        && DynamicShift.isUsed(folder.scheduler());
        return solves || sampler == SchedulerName.FLOW_EULER;
    }

    @Override
    public Inpainting.Beginning inpaintingFrom(double strength) {
        return Inpainting.Beginning.NOISED;
    }

    @Override
    public Conditioning condition(ImageSpec job, TextEncoders encoders) {
        Prompts prompts = Prompts.of(job, this);
        int window = blueprint.tokenizer("tokenizer").maxLength();
        FloatTensor pooled =
                encoders.encode("text_encoder", "tokenizer", window, prompts.texts())
                        .output("pooler_output");
        FloatTensor tokens =
                encoders.encode("text_encoder_2", "tokenizer_2", sequence(), prompts.texts())
                        .output("last_hidden_state");
        Map<String, Tensor> inputs = new HashMap<>();
        inputs.put("encoder_hidden_states", Conditioning.each(tokens, prompts.count()));
        inputs.put("pooled_projections", Conditioning.each(pooled, prompts.count()));
        if (folder.denoiser().traits().tellsGuidance()) {
            FloatTensor guidance = FloatTensor.allocate(Shape.of(prompts.rows()));
            for (int row = 0; row < prompts.rows(); row++) {
                guidance.set(row, (float) prompts.guidance());
            }
            inputs.put("guidance", guidance);
        }
        return new Conditioning(
                prompts.rows(),
                inputs,
                Map.of(
                        "txt_ids", FloatTensor.allocate(Shape.of(sequence(), AXES)),
                        "img_ids", pictureIds(job.size())));
    }

    /// Row and column of every packed cell.
    private FloatTensor pictureIds(Size size) {
        CellGrid grid = CellGrid.of(folder, size);
        FloatTensor ids = FloatTensor.allocate(Shape.of(grid.cells(), AXES));
        for (int k = 0; k < grid.cells(); k++) {
            int row = k / grid.columns();
            int column = k % grid.columns();
            ids.set(k * AXES + 1, row);
            ids.set(k * AXES + 2, column);
        }
        return ids;
    }
}
