package dev.darkroom.worker.device;

import dev.darkroom.worker.tensor.FloatTensor;
import dev.darkroom.worker.tensor.Tensor;
import java.util.Map;

/// A component's computation graph, loaded on the device.
///
/// All methods but [#name] and [#signature] belong to the device thread.
public interface Graph extends AutoCloseable {
    /// For logs and metrics: model and component, for example `emoji/unet`.
    String name();

    /// What it takes and gives.
    Signature signature();

    /// Computes once. The inputs have the names that the signature declares and a batch axis each,
    /// unless the port is a scalar or is known to have none. The outputs belong to the graph and
    /// are valid until the next call.
    ///
    /// @throws DeviceMemoryException when the device has too little memory for this batch
    /// @throws DeviceLostException when no later call can succeed in this process
    Map<String, FloatTensor> run(Map<String, Tensor> inputs);

    /// Asks a run that is under way on the device thread to end early; callable from any thread.
    /// The run then throws [RunTerminatedException].
    void terminate();

    /// Frees native memory.
    @Override
    void close();

    /// Closes all of these, also after one that cannot be closed; what that one threw is thrown in
    /// the end.
    static void closeAll(Iterable<? extends Graph> graphs) {
        RuntimeException first = null;
        for (Graph graph : graphs) {
            try {
                graph.close();
            } catch (RuntimeException e) {
                if (first == null) {
                    first = e;
                } else {
                    first.addSuppressed(e);
                }
            }
        }
        if (first != null) {
            throw first;
        }
    }
}
