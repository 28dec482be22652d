package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.event.Stage;
import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.device.Signature;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.LongTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The denoiser of a job: its evaluation and all memory around it, used again at every call.
///
/// | tensor | shape |
/// |---|---|
/// | input | `[B, C, …]`; with an inpainting denoiser `[B, 2C + 1, h, w]`; packed `[B, cells, 4C]` |
/// | prediction | of one output's sample |
///
/// `B` is `n`, or with guidance `2n`: the negative rows of all outputs, then the positive ones.
///
/// Owned by the job's thread.
final class Denoiser {
    private final Graph graph;
    private final Family.Ports ports;
    private final Conditioning conditioning;
    private final Samples samples;
    private final @Nullable Guidance guidance;
    private final @Nullable Inpainting inpainting;
    private final FloatTensor input;
    private final List<FloatTensor> sampleRows;
    private final Tensor timesteps;
    private @Nullable ControlNets controls;
    private @Nullable Evaluation evaluation;

    /// Rows of the graph's output, and room for one of them: known after its first run.
    private List<FloatTensor> outputRows = List.of();

    private @Nullable FloatTensor prediction;

    /// @param guidance nothing where the prompt alone steers
    /// @param inpainting tells the denoiser of the mask, where that is wanted, and keeps what the
    ///   mask does not show; nothing for other tasks
    Denoiser(
            Asked asked,
            Conditioning conditioning,
            Samples samples,
            @Nullable Guidance guidance,
            @Nullable Inpainting inpainting) {
        this.graph = asked.graph();
        this.ports = asked.ports();
        this.conditioning = conditioning;
        this.samples = samples;
        this.guidance = guidance;
        this.inpainting = inpainting;
        int rows = conditioning.rows();
        Shape sample = samples.all().shape().row();
        FloatTensor channels = inpainting == null ? null : inpainting.channels(0);
        this.input = FloatTensor.allocate(withChannels(sample, channels).batchOf(rows));
        List<FloatTensor> inputRows = Samples.rows(input, 0, rows);
        this.sampleRows = inputRows.stream().map(row -> row.rows(0, sample.size(0))).toList();
        for (int row = 0; row < rows && inpainting != null; row++) {
            FloatTensor told = inpainting.channels(row % samples.count());
            if (told != null) {
                FloatTensor whole = inputRows.get(row);
                whole.rows(sample.size(0), whole.shape().size(0)).copyFrom(told);
            }
        }
        this.timesteps = Timesteps.allocate(graph, rows);
    }

    /// The graph, and how it is asked.
    record Asked(Graph graph, Family.Ports ports) {}

    private static Shape withChannels(Shape sample, @Nullable FloatTensor channels) {
        return channels == null
                ? sample
                : sample.withFirst(sample.size(0) + channels.shape().size(0));
    }

    /// What ControlNets look at: the denoiser's input, where that is the sample alone.
    FloatTensor sample() {
        return input;
    }

    /// Lets ControlNets take part.
    void control(ControlNets nets) {
        this.controls = nets;
    }

    /// Moves all samples from the first call to the last: the stage `DENOISE` of a job.
    void run(Evaluator device, Listener listener) {
        listener.stage(Stage.DENOISE, samples.calls() - samples.first());
        for (int call = samples.first(); call < samples.calls(); call++) {
            evaluate(call, device);
            step(call);
            if (inpainting != null) {
                inpainting.keep(call);
            }
            listener.step(call + 1 - samples.first(), samples.latents());
        }
    }

    /// Predicts for all outputs, with and without the prompt, at once.
    private void evaluate(int call, Evaluator device) {
        int count = samples.count();
        for (int row = 0; row < sampleRows.size(); row++) {
            samples.modelInput(call, row % count, sampleRows.get(row));
        }
        double timestep = samples.timestep(call) / ports.timestepUnit();
        Timesteps.fill(timesteps, timestep);
        if (controls != null) {
            controls.evaluate(call, timestep, device);
        }
        Evaluation again = evaluation == null ? first() : evaluation;
        evaluation = again;
        device.evaluate(again);
        if (outputRows.isEmpty()) {
            outputRows = Samples.rows(again.output(ports.prediction()), 0, sampleRows.size());
        }
    }

    private Evaluation first() {
        Map<String, Tensor> inputs = new HashMap<>(conditioning.inputs());
        inputs.put(ports.sample(), input);
        inputs.put("timestep", timesteps);
        if (controls != null) {
            inputs.putAll(controls.residuals());
        }
        Map<String, Tensor> shared = new HashMap<>();
        conditioning.shared().forEach((name, tensor) -> shared.put(name, asDeclared(name, tensor)));
        return new Evaluation(graph, conditioning.rows(), inputs, shared);
    }

    /// Whole numbers, where the graph wants those.
    private Tensor asDeclared(String name, Tensor tensor) {
        Signature.ElementType type = graph.signature().input(name).orElseThrow().type();
        boolean whole = type == Signature.ElementType.INT64 || type == Signature.ElementType.INT32;
        if (!whole || !(tensor instanceof FloatTensor floats)) {
            return tensor;
        }
        LongTensor longs = LongTensor.allocate(floats.shape());
        IntStream.range(0, floats.shape().elements())
                .forEach(k -> longs.set(k, (long) floats.get(k)));
        return longs;
    }

    /// Moves every output on.
    private void step(int call) {
        int count = samples.count();
        for (int i = 0; i < count; i++) {
            if (guidance == null) {
                samples.step(call, i, outputRows.get(i));
            } else {
                FloatTensor mixed =
                        prediction == null
                                ? FloatTensor.allocate(outputRows.get(i).shape())
                                : prediction;
                prediction = mixed;
                guidance.mix(outputRows.get(i), outputRows.get(count + i), mixed);
                samples.step(call, i, mixed);
            }
        }
    }
}
