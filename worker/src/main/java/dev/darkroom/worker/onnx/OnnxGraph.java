package dev.darkroom.worker.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import dev.darkroom.worker.device.Graph;
import dev.darkroom.worker.device.Signature;
import dev.darkroom.worker.device.Signature.ElementType;
import dev.darkroom.worker.device.Signature.Port;
import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Shape;
import dev.darkroom.worker.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;

/// An ONNX Runtime session, with the memory that its inputs and outputs go through.
///
/// Once a shape has been seen, outputs are written by the runtime straight into memory that is
/// reused from run to run.
final class OnnxGraph implements Graph {
    /// Input shapes whose output shapes are remembered.
    private static final int GREATEST_SHAPES = 128;

    private final String name;
    private final OrtEnvironment environment;
    private final OrtSession session;
    private final Signature signature;
    private final Consumer<OnnxGraph> whenClosed;
    private final Map<String, Wire> inputs = new LinkedHashMap<>();
    private final Map<String, Wire> outputs = new LinkedHashMap<>();

    // Owned by the device thread.
    private final SequencedMap<Map<String, Shape>, Map<String, Shape>> outputShapes =
            new LinkedHashMap<>(16, 0.75f, true);

    // Guarded by the lock: the native options live on one thread and are flagged from another.
    private final ReentrantLock lock = new ReentrantLock();
    private final OrtSession.RunOptions options;
    private boolean closed;

    /// Takes the session over: closing the graph closes it.
    ///
    /// @throws UnusableGraphException when the graph declares an element type that has no
    ///   counterpart here
    OnnxGraph(
            String name,
            OrtEnvironment environment,
            OrtSession session,
            Consumer<OnnxGraph> whenClosed)
            throws OrtException {
        this.name = name;
        this.environment = environment;
        this.session = session;
        this.whenClosed = whenClosed;
        this.signature =
                new Signature(
                        ports(name, "input", session.getInputInfo().values()),
                        ports(name, "output", session.getOutputInfo().values()));
        signature.inputs().forEach(port -> inputs.put(port.name(), new Wire(name, port)));
        signature.outputs().forEach(port -> outputs.put(port.name(), new Wire(name, port)));
        this.options = new OrtSession.RunOptions();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Signature signature() {
        return signature;
    }

    /// @throws IllegalArgumentException when an input is missing, unknown, or of another rank or
    ///   size than declared
    @Override
    public Map<String, FloatTensor> run(Map<String, Tensor> given) {
        checkNames(given.keySet());
        Map<String, Shape> shapes = new LinkedHashMap<>();
        given.forEach((input, tensor) -> shapes.put(input, tensor.shape()));
        Map<String, Shape> known = outputShapes.remove(shapes);
        Map<String, OnnxTensor> bound = new LinkedHashMap<>();
        Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Tensor> input : given.entrySet()) {
                bound.put(
                        input.getKey(),
                        wire(inputs, input.getKey()).input(environment, input.getValue()));
            }
            Map<String, Shape> written =
                    known == null ? runUnpinned(bound) : runPinned(bound, pinned, known);
            remember(shapes, written);
            Map<String, FloatTensor> results = new LinkedHashMap<>();
            written.forEach(
                    (output, shape) -> results.put(output, wire(outputs, output).decode(shape)));
            return results;
        } catch (OrtException e) {
            throw OrtErrors.translate(name, e);
        } finally {
            OnnxValue.close(bound);
            OnnxValue.close(pinned);
            clearTermination();
        }
    }

    private Map<String, Shape> runPinned(
            Map<String, OnnxTensor> bound,
            Map<String, OnnxTensor> pinned,
            Map<String, Shape> shapes)
            throws OrtException {
        for (Map.Entry<String, Shape> output : shapes.entrySet()) {
            pinned.put(
                    output.getKey(),
                    wire(outputs, output.getKey()).output(environment, output.getValue()));
        }
        try (OrtSession.Result result = session.run(bound, Set.of(), pinned, options)) {
            if (result.size() != shapes.size()) {
                throw new IllegalStateException(
                        name + " gave " + result.size() + " outputs, not " + shapes.keySet());
            }
            return shapes;
        }
    }

    private Map<String, Shape> runUnpinned(Map<String, OnnxTensor> bound) throws OrtException {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        try (OrtSession.Result result = session.run(bound, options)) {
            for (Map.Entry<String, OnnxValue> output : result) {
                OnnxTensor tensor = (OnnxTensor) output.getValue();
                Shape shape = shape(output.getKey(), tensor.getInfo().getShape());
                wire(outputs, output.getKey()).take(tensor, shape);
                shapes.put(output.getKey(), shape);
            }
        }
        return shapes;
    }

    private void remember(Map<String, Shape> given, Map<String, Shape> written) {
        outputShapes.put(given, written);
        if (outputShapes.size() > GREATEST_SHAPES) {
            outputShapes.pollFirstEntry();
        }
    }

    private Shape shape(String output, long[] sizes) {
        try {
            return Shape.of(Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray());
        } catch (ArithmeticException e) {
            throw new IllegalStateException(
                    name + ": output " + output + " has shape " + Arrays.toString(sizes), e);
        }
    }

    @Override
    public void terminate() {
        flag(Flag.RAISED);
    }

    private void clearTermination() {
        flag(Flag.LOWERED);
    }

    private enum Flag {
        RAISED,
        LOWERED
    }

    private void flag(Flag flag) {
        lock.lock();
        try {
            if (!closed) {
                options.setTerminate(flag == Flag.RAISED);
            }
        } catch (OrtException e) {
            throw OrtErrors.translate(name, e);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            options.close();
        } finally {
            lock.unlock();
        }
        whenClosed.accept(this);
        inputs.values().forEach(Wire::release);
        outputs.values().forEach(Wire::release);
        outputShapes.clear();
        try {
            session.close();
        } catch (OrtException e) {
            throw OrtErrors.translate(name, e);
        }
    }

    /// The name.
    @Override
    public String toString() {
        return name;
    }

    private void checkNames(Set<String> given) {
        Set<String> missing = new TreeSet<>(inputs.keySet());
        missing.removeAll(given);
        Set<String> unknown = new TreeSet<>(given);
        unknown.removeAll(inputs.keySet());
        if (!missing.isEmpty() || !unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    name
                            + ": missing inputs "
                            + missing
                            + ", unknown inputs "
                            + unknown
                            + "; the graph takes "
                            + inputs.keySet());
        }
    }

    private static Wire wire(Map<String, Wire> wires, String name) {
        Wire wire = wires.get(name);
        if (wire == null) {
            throw new IllegalStateException("no port " + name + " among " + wires.keySet());
        }
        return wire;
    }

    private static List<Port> ports(String graph, String kind, Collection<NodeInfo> nodes) {
        List<Port> ports = new ArrayList<>();
        for (NodeInfo node : nodes) {
            if (!(node.getInfo() instanceof TensorInfo tensor)) {
                throw new UnusableGraphException(
                        graph + ": " + kind + " " + node.getName() + " is not a tensor");
            }
            List<Long> dimensions = Arrays.stream(tensor.getShape()).boxed().toList();
            ports.add(new Port(node.getName(), type(graph, kind, node, tensor), dimensions));
        }
        return ports;
    }

    private static ElementType type(String graph, String kind, NodeInfo node, TensorInfo tensor) {
        return switch (tensor.onnxType) {
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> ElementType.FLOAT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> ElementType.FLOAT16;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> ElementType.INT64;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> ElementType.INT32;
            case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> ElementType.BOOL;
            default ->
                    throw new UnusableGraphException(
                            graph
                                    + ": "
                                    + kind
                                    + " "
                                    + node.getName()
                                    + " is of type "
                                    + tensor.onnxType
                                            .name()
                                            .replace("ONNX_TENSOR_ELEMENT_DATA_TYPE_", "")
                                    + "; legal: FLOAT, FLOAT16, INT64, INT32, BOOL. Export the graph"
                                    + " in 32- or 16-bit floats");
        };
    }
}
