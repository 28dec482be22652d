package dev.darkroom.worker.pipeline;

import dev.darkroom.protocol.job.Control;
import dev.darkroom.worker.device.Evaluation;
import dev.darkroom.worker.device.Evaluator;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.model.ControlNetPorts;
import dev.darkroom.worker.model.LoadedModel;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The ControlNets (Zhang et al. 2023) of a job: each looks at its picture and at the sample, and
/// what they have to say, added up, is given to the denoiser.
///
/// Source: `pipelines/controlnet/pipeline_controlnet.py` and `models/controlnets` of the reference.
///
/// Owned by the job's thread. Allocates at the first call, and never after.
final class ControlNets {
    private final List<Net> nets = new ArrayList<>();
    private final Span span;
    private final Map<String, FloatTensor> residuals = new HashMap<>();

    /// Whether the residuals are zero.
    private boolean silent;

    /// From which evaluation of the denoiser to which the whole job goes.
    ///
    /// @param first evaluation
    /// @param calls one more than the last evaluation
    record Span(int first, int calls) {
        /// How strong a control is at this call: its scale between its start and end, else 0.
        double scale(Control control, int call) {
            double length = calls - first;
            int done = call - first;
            boolean before = done / length < control.start();
            boolean after = (done + 1) / length > control.end();
            return before || after ? 0 : control.scale();
        }
    }

    /// One of them, and the memory around it.
    private record Net(
            Control control, Evaluation evaluation, FloatTensor scales, Tensor timesteps) {}

    /// @param controls of the job
    /// @param pictures for each of them, `[1, 3, H, W]`
    /// @param conditioning as the denoiser has it
    /// @param sample what the denoiser is given, without further channels, `[B, C, h, w]`
    ControlNets(
            List<Control> controls,
            List<FloatTensor> pictures,
            LoadedModel model,
            Conditioning conditioning,
            FloatTensor sample,
            Span span) {
        this.span = span;
        int rows = conditioning.rows();
        for (int i = 0; i < controls.size(); i++) {
            Control control = controls.get(i);
            Graph graph = model.graph(model.blueprint().folder().controlNet(control.model()));
            FloatTensor scales = FloatTensor.allocate(Shape.of(rows));
            Tensor timesteps = Timesteps.allocate(graph, rows);
            Map<String, Tensor> inputs = new HashMap<>();
            conditioning
                    .inputs()
                    .forEach((name, tensor) -> {
                        if (graph.signature().input(name).isPresent()) {
                            inputs.put(name, tensor);
                        }
                    });
            inputs.put("sample", sample);
            inputs.put("timestep", timesteps);
            inputs.put("controlnet_cond", Conditioning.each(pictures.get(i), rows));
            inputs.put("conditioning_scale", scales);
            nets.add(
                    new Net(
                            control,
                            new Evaluation(graph, rows, inputs, Map.of()),
                            scales,
                            timesteps));
        }
    }

    /// Computes the residuals for this call. A net that has nothing to say at it is not run.
    void evaluate(int call, double timestep, Evaluator device) {
        // Their shapes are known after the first run only.
        boolean unknown = residuals.isEmpty();
        int heard = 0;
        for (Net net : nets) {
            double scale = span.scale(net.control(), call);
            if (scale == 0 && !unknown) {
                continue;
            }
            for (int row = 0; row < net.scales().shape().elements(); row++) {
                net.scales().set(row, (float) scale);
            }
            Timesteps.fill(net.timesteps(), timestep);
            device.evaluate(net.evaluation());
            hear(net, heard++);
        }
        if (heard == 0 && !silent) {
            residuals.values().forEach(ControlNets::clear);
        }
        silent = heard == 0;
    }

    /// Adds what a net has said to what `before` others have. One alone needs no sums.
    private void hear(Net net, int before) {
        net.evaluation()
                .outputs()
                .forEach((output, said) -> {
                    String name = ControlNetPorts.residualOf(output);
                    if (nets.size() == 1) {
                        residuals.putIfAbsent(name, said);
                        return;
                    }
                    FloatTensor sum =
                            residuals.computeIfAbsent(
                                    name, _ -> FloatTensor.allocate(said.shape()));
                    if (before == 0) {
                        sum.copyFrom(said);
                    } else {
                        add(said, sum);
                    }
                });
    }

    /// What the denoiser is given, by its inputs' names; the same tensors at every call.
    Map<String, FloatTensor> residuals() {
        return residuals;
    }

    private static void add(FloatTensor said, FloatTensor sum) {
        for (int k = 0; k < sum.shape().elements(); k++) {
            sum.set(k, sum.get(k) + said.get(k));
        }
    }

    private static void clear(FloatTensor tensor) {
        for (int k = 0; k < tensor.shape().elements(); k++) {
            tensor.set(k, 0);
        }
    }
}
