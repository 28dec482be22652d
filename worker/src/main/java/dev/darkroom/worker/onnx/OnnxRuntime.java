package dev.darkroom.worker.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import dev.darkroom.worker.device.Graph;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// ONNX Runtime on one device.
///
/// All methods but [#deviceName] and [#memoryBytes] belong to the device thread.
public final class OnnxRuntime implements AutoCloseable {
    /// `TensorProto.DataType.FLOAT` of `onnx/onnx.proto3`.
    private static final byte FLOAT = 1;

    private static final Logger LOG = LoggerFactory.getLogger(OnnxRuntime.class);

    /// The least ONNX model, a `Relu` of one number: a device that cannot load it is not there.
    private static final byte[] PROBE =
            HexFormat.of()
                    .parseHex(
                            "08083a370a0c0a0178120179220452656c75120570726f6265"
                                    + "5a0f0a0178120a0a08080112040a020801620f0a0179120a0a0808011204"
                                    + "0a0208014202100d");

    private static final Pattern RESIDENT_SET = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final OrtEnvironment environment;
    private final DeviceChoice device;
    private final DeviceOptions options;

    // Owned by the device thread.
    private final Set<OnnxGraph> graphs = new LinkedHashSet<>();

    private OnnxRuntime(OrtEnvironment environment, DeviceChoice device, DeviceOptions options) {
        this.environment = environment;
        this.device = device;
        this.options = options;
    }

    /// Opens the device that `options` ask for. Where a CUDA device is wished for, and not
    /// demanded, and cannot be used, says so once in the log and opens the processor.
    ///
    /// @throws DeviceUnavailableException when a CUDA device is demanded and cannot be used
    public static OnnxRuntime open(DeviceOptions options) {
        OrtEnvironment environment = environment();
        DeviceChoice chosen =
                switch (options.device()) {
                    case DeviceChoice.Cpu cpu -> cpu;
                    case DeviceChoice.Cuda cuda -> {
                        try {
                            probe(environment, cuda, options);
                        } catch (OrtException | LinkageError e) {
                            throw unavailable(cuda, e);
                        }
                        yield cuda;
                    }
                    case DeviceChoice.CudaOrCpu(int index) -> {
                        DeviceChoice.Cuda cuda = new DeviceChoice.Cuda(index);
                        try {
                            probe(environment, cuda, options);
                            yield cuda;
                        } catch (OrtException | LinkageError e) {
                            LOG.info(
                                    "The processor computes, for CUDA device {} cannot be used: {}",
                                    index,
                                    OrtErrors.withoutCuda(e));
                            yield new DeviceChoice.Cpu();
                        }
                    }
                };
        return new OnnxRuntime(environment, chosen, options);
    }

    private static OrtEnvironment environment() {
        NativeTelemetry.forbid();
        return NativeEnvironment.open();
    }

    /// `cpu`, or for example `cuda:0`.
    public String deviceName() {
        return switch (device) {
            case DeviceChoice.Cpu _ -> "cpu";
            case DeviceChoice.Cuda(int index) -> "cuda:" + index;
            case DeviceChoice.CudaOrCpu(int index) -> "cuda:" + index;
        };
    }

    /// Loads the graph of this file, with the external data files beside it.
    ///
    /// @param name for logs, metrics and errors: model and component
    /// @param model the `.onnx` file
    /// @throws UnusableGraphException when the file is missing or damaged, or declares inputs or
    ///   outputs of types that have no counterpart here
    /// @throws dev.darkroom.worker.device.DeviceMemoryException when the weights do not fit
    public Graph load(String name, Path model) {
        if (!Files.isReadable(model)) {
            throw new UnusableGraphException(name + ": there is no readable file " + model);
        }
        try (OrtSession.SessionOptions session = sessionOptions(device, options)) {
            OnnxGraph graph = own(name, session(name, model, session));
            graphs.add(graph);
            return graph;
        } catch (OrtException e) {
            RuntimeException meaning = OrtErrors.translate(name, e);
            throw meaning instanceof IllegalStateException
                    ? new UnusableGraphException(
                            name + ": cannot load " + model + ": " + e.getMessage(), e)
                    : meaning;
        }
    }

    /// A session over the graph as it is or, where it says that timesteps are whole numbers and
    /// takes fractions all the same, over one that says so: many schedulers have fractional
    /// timesteps, and exporters name the type of their example's.
    private OrtSession session(String name, Path model, OrtSession.SessionOptions options)
            throws OrtException {
        try {
            OptionalLong at = GraphHeader.read(model).wholeTimestep();
            if (at.isPresent() && Files.size(model) <= Integer.MAX_VALUE) {
                return fractional(model, (int) at.getAsLong(), options);
            }
        } catch (IOException e) {
            LOG.debug("{} is opened as it is", name, e);
        } catch (OrtException e) {
            LOG.debug("{} takes whole timesteps only", name, e);
        }
        return environment.createSession(model.toString(), options);
    }

    /// A session over the graph with another type of its input `timestep`: one byte.
    private OrtSession fractional(Path model, int at, OrtSession.SessionOptions options)
            throws IOException, OrtException {
        Path folder = Objects.requireNonNull(model.toAbsolutePath().getParent(), "a file");
        try (Arena memory = Arena.ofConfined();
                FileChannel file = FileChannel.open(model)) {
            ByteBuffer graph = memory.allocate(file.size()).asByteBuffer();
            for (int read = 0; read >= 0 && graph.hasRemaining(); ) {
                read = file.read(graph);
            }
            graph.flip().put(at, FLOAT);
            options.addConfigEntry(
                    "session.model_external_initializers_file_folder_path", folder.toString());
            return environment.createSession(graph, options);
        }
    }

    private OnnxGraph own(String name, OrtSession session) throws OrtException {
        try {
            return new OnnxGraph(name, environment, session, graphs::remove);
        } catch (OrtException | RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    /// The bytes that this process takes in main memory (its resident set) when the processor
    /// computes and the system tells them, as Linux does; nothing for a CUDA device, whose memory
    /// is another. Callable from any thread.
    public OptionalLong memoryBytes() {
        return switch (device) {
            case DeviceChoice.Cpu _ -> residentSet(Path.of("/proc/self/status"));
            case DeviceChoice.Cuda _, DeviceChoice.CudaOrCpu _ -> OptionalLong.empty();
        };
    }

    /// What the line `VmRSS: 123 kB` of this file says (proc_pid_status(5)).
    static OptionalLong residentSet(Path status) {
        try (Stream<String> lines = Files.lines(status)) {
            return lines.map(RESIDENT_SET::matcher)
                    .filter(Matcher::matches)
                    .mapToLong(line -> Long.parseLong(line.group(1)) * 1024)
                    .findFirst();
        } catch (IOException | UncheckedIOException e) {
            LOG.debug("The memory of this process cannot be told", e);
            return OptionalLong.empty();
        }
    }

    /// Closes every graph that is still open.
    @Override
    public void close() {
        Graph.closeAll(List.copyOf(graphs));
    }

    private static void probe(
            OrtEnvironment environment, DeviceChoice.Cuda cuda, DeviceOptions options)
            throws OrtException {
        try (OrtSession.SessionOptions session = sessionOptions(cuda, options)) {
            environment.createSession(PROBE, session).close();
        }
    }

    private static OrtSession.SessionOptions sessionOptions(
            DeviceChoice device, DeviceOptions options) throws OrtException {
        OrtSession.SessionOptions session = new OrtSession.SessionOptions();
        try {
            session.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            session.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            session.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            session.setIntraOpNumThreads(options.threads());
            // Threads that spin between operators would take the cores from everything else that
            // the process does: encoding, uploads, the jobs' own arithmetic.
            session.addConfigEntry("session.intra_op.allow_spinning", "0");
            switch (device) {
                case DeviceChoice.Cpu _ -> {}
                case DeviceChoice.Cuda(int index) -> addCuda(session, index, options);
                case DeviceChoice.CudaOrCpu(int index) -> addCuda(session, index, options);
            }
            return session;
        } catch (OrtException | RuntimeException | Error e) {
            session.close();
            throw e;
        }
    }

    private static void addCuda(OrtSession.SessionOptions session, int index, DeviceOptions options)
            throws OrtException {
        try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(index)) {
            // Shapes vary from job to job: an exhaustive search would run anew for each.
            cuda.add("cudnn_conv_algo_search", "HEURISTIC");
            cuda.add("arena_extend_strategy", "kSameAsRequested");
            if (options.memoryLimitBytes() > 0) {
                cuda.add("gpu_mem_limit", Long.toString(options.memoryLimitBytes()));
            }
            session.addCUDA(cuda);
        }
    }

    private static DeviceUnavailableException unavailable(DeviceChoice.Cuda cuda, Throwable e) {
        return new DeviceUnavailableException(
                "the configuration demands CUDA device "
                        + cuda.index()
                        + ", which cannot be used: "
                        + OrtErrors.withoutCuda(e)
                        + ". Use the distribution built with -Pgpu on a machine with CUDA 12 and"
                        + " cuDNN 9, or allow the processor",
                e);
    }
}
