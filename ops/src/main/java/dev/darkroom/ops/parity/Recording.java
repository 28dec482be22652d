package dev.darkroom.ops.parity;

import dev.darkroom.protocol.event.Stage;
import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.pipeline.Listener;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Keeps what goes by while a pipeline runs, without changing it. For one thread.
final class Recording implements Evaluator, Listener {
    /// What denoises has this input, and no other part has.
    private static final String TIMESTEP = "timestep";

    private static final String CONDITIONS = "encoder_hidden_states";

    private final Evaluator device;
    private final List<FloatTensor> latents = new ArrayList<>();
    private @Nullable FloatTensor conditions;
    private boolean wholeTimesteps;

    /// A recording of what is asked of this device.
    Recording(Evaluator device) {
        this.device = device;
    }

    /// The sample after each call, `[n, …]`.
    List<FloatTensor> latents() {
        return latents;
    }

    /// The encoded prompts that the denoiser was told first, `[B, T, D]`.
    Optional<FloatTensor> conditions() {
        return Optional.ofNullable(conditions);
    }

    /// Whether what denoises takes whole timesteps only.
    boolean wholeTimesteps() {
        return wholeTimesteps;
    }

    /// Whether this is a denoiser's, or a ControlNet's beside it.
    static boolean isOfDenoiser(Evaluation evaluation) {
        return evaluation.inputs().containsKey(TIMESTEP);
    }

    @Override
    public void evaluate(Evaluation evaluation) {
        if (conditions == null
                && isOfDenoiser(evaluation)
                && evaluation.inputs().get(CONDITIONS) instanceof FloatTensor told) {
            conditions = told.copy();
        }
        wholeTimesteps |= evaluation.inputs().get(TIMESTEP) instanceof LongTensor;
        device.evaluate(evaluation);
    }

    @Override
    public void stage(Stage stage, int steps) {}

    @Override
    public void step(int step, FloatTensor sample) {
        latents.add(sample.copy());
    }
}
