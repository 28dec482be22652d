package dev.darkroom.worker.onnx;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Which device computes.
public sealed interface DeviceChoice {
    /// The processor.
    record Cpu() implements DeviceChoice {}

    /// This CUDA device if it can be used, else the processor.
    ///
    /// @param index counted from 0
    record CudaOrCpu(int index) implements DeviceChoice {
        /// Refuses an index below 0.
        public CudaOrCpu {
            check(index);
        }
    }

    /// This CUDA device and nothing else.
    ///
    /// @param index counted from 0
    record Cuda(int index) implements DeviceChoice {
        /// Refuses an index below 0.
        public Cuda {
            check(index);
        }
    }

    /// Reads `auto` (the first CUDA device, else the processor), `cpu`, `cuda` or `cuda:1` (that
    /// CUDA device, else the processor).
    ///
    /// @throws IllegalArgumentException for anything else
    static DeviceChoice parse(String text) {
        Matcher cuda = Pattern.compile("cuda(?::(\\d{1,3}))?").matcher(text);
        if (text.equals("cpu")) {
            return new Cpu();
        }
        if (text.equals("auto")) {
            return new CudaOrCpu(0);
        }
        if (cuda.matches()) {
            String index = cuda.group(1);
            return new CudaOrCpu(index == null ? 0 : Integer.parseInt(index));
        }
        throw new IllegalArgumentException(
                "device is '" + text + "'; legal: auto, cpu, cuda, cuda:<index>");
    }

    /// The same choice, but with no way round a CUDA device; the processor stays what it is.
    default DeviceChoice demanded() {
        return switch (this) {
            case CudaOrCpu(int index) -> new Cuda(index);
            case Cuda cuda -> cuda;
            case Cpu cpu -> cpu;
        };
    }

    private static void check(int index) {
        if (index < 0) {
            throw new IllegalArgumentException(
                    "CUDA device index is " + index + "; legal: 0 or more");
        }
    }
}
