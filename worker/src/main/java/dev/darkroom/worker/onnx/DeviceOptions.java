package dev.darkroom.worker.onnx;

/// How graphs are run.
///
/// @param device which device
/// @param threads processor threads that share the work of one operator; 0 for the runtime's own
///   choice, one per physical core
/// @param memoryLimitBytes the most device memory that each graph's arena may take, on CUDA; 0 for
///   all there is. The processor's memory has no limit of this kind.
public record DeviceOptions(DeviceChoice device, int threads, long memoryLimitBytes) {
    /// Refuses negative numbers.
    public DeviceOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + "; legal: 0 or more");
        }
        if (memoryLimitBytes < 0) {
            throw new IllegalArgumentException(
                    "memory limit is " + memoryLimitBytes + " bytes; legal: 0 or more");
        }
    }

    /// The processor, with the runtime's own choice of threads.
    public static DeviceOptions cpu() {
        return new DeviceOptions(new DeviceChoice.Cpu(), 0, 0);
    }
}
