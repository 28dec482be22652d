package dev.darkroom.worker.onnx;

import ai.onnxruntime.OrtException;
import dev.darkroom.worker.device.DeviceLostException;
import dev.darkroom.worker.device.DeviceMemoryException;
import dev.darkroom.worker.device.RunTerminatedException;
import java.util.regex.Pattern;

/// What the runtime's errors mean. It has codes, but the ones that matter here all come as the same
/// general code, so that its words decide.
final class OrtErrors {
    // The runtime's source: core/framework/bfc_arena.cc and core/framework/allocator.cc (memory),
    // core/providers/cuda/cuda_call.cc (CUDA), core/framework/sequential_executor.cc (terminate).
    private static final Pattern TERMINATED = Pattern.compile("terminate flag");
    private static final Pattern LOST =
            Pattern.compile(
                    "illegal memory access|IllegalAddress|device-side assert|unspecified launch"
                            + " failure|misaligned address|illegal instruction|uncorrectable"
                            + " ECC|CUDA(?:_error_t)? ?(?:failure|error) (?:700|709|710|714|715|716|717|718|719|214|999)\\b",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern MEMORY =
            Pattern.compile(
                    "failed to allocate memory|BFCArena|out of"
                            + " memory|bad_alloc|bad allocation|CUBLAS_STATUS_ALLOC_FAILED"
                            + "|CUDNN_STATUS_ALLOC_FAILED|CUDA failure 2\\b",
                    Pattern.CASE_INSENSITIVE);

    // Codes of the Java part, then place and code of the native one, then the file that it loads.
    private static final Pattern BEFORE_THE_REASON =
            Pattern.compile(
                    "^(?:Error code - \\w+ - message: )?(?:.*\\[ONNXRuntimeError\\] : \\d+ : \\w+ : )?"
                            + "(?:Failed to load library \\S+ with error: )?");

    private OrtErrors() {}

    /// Why CUDA cannot be used, in one line.
    static String withoutCuda(Throwable error) {
        String words =
                BEFORE_THE_REASON.matcher(String.valueOf(error.getMessage())).replaceFirst("");
        // What the Java part says when its jar holds no CUDA provider: OnnxRuntime.extractCUDA.
        return words.startsWith("Failed to find CUDA shared provider")
                ? "this distribution is built without it"
                : words.lines().findFirst().orElse("");
    }

    /// The exception that the device lane knows how to handle; a plain [IllegalStateException] for
    /// an error that is the fault of these rows, or of nobody known.
    static RuntimeException translate(String graph, OrtException error) {
        String words = String.valueOf(error.getMessage());
        String message = graph + ": " + words;
        if (TERMINATED.matcher(words).find()) {
            return new RunTerminatedException(message, error);
        }
        if (error.getCode() == OrtException.OrtErrorCode.ORT_DEVICE_RESET
                || LOST.matcher(words).find()) {
            return new DeviceLostException(message, error);
        }
        if (MEMORY.matcher(words).find()) {
            return new DeviceMemoryException(message, error);
        }
        return new IllegalStateException(message, error);
    }
}
